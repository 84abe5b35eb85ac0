"""What ``surveillance check`` says to an analyst: each fault in words, and below it what to write, and into which file.

Every function gives lines to print.
"""
