"""A wall is a fixed skeleton of components with ids, and a flat map from those ids to what they show now.

The same map fills the first paint on the server and every push to a browser, so that the two cannot disagree.
"""
