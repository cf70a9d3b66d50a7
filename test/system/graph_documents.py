# SPDX-License-Identifier: Apache-2.0
"""OpenAPI and CSDL: made from the tables, well formed, complete (clients-and-conventions.md section 5)."""
import json
import subprocess
import xml.etree.ElementTree

from graph_lab import VERSIONS
from graph_protocol import COLLECTIONS

CASES = []
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
EDMX = "{http://docs.oasis-open.org/odata/ns/edmx}"


def case(f):
    CASES.append(f)
    return f


def openapi(lab):
    answer = lab.send("GET", "/openapi.json", token=None)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("application/json"), answer.headers
    return answer.json


def metadata(lab, version):
    answer = lab.send("GET", f"/{version}/$metadata", token=None)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("application/xml"), answer.headers
    root = xml.etree.ElementTree.fromstring(answer.text)
    assert root.tag == EDMX + "Edmx", root.tag
    return root.find(f"{EDMX}DataServices/{EDM}Schema[@Namespace='microsoft.graph']")


def route_rows(lab):
    listed = subprocess.run([f"{lab.build}/src/ferryd/routes_tool"], text=True, check=True, capture_output=True).stdout
    return [(line + "\t").split("\t")[:4] for line in listed.splitlines() if line]


def references(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@case
def openapi_is_well_formed_and_refers_to_nothing_that_is_missing(lab):
    document = openapi(lab)
    assert document["openapi"].startswith("3.1") and document["info"]["title"] and document["info"]["version"]
    schemas = document["components"]["schemas"]
    for reference in set(references(document)):
        assert reference.startswith("#/components/schemas/") and reference.split("/")[-1] in schemas, reference
    operations = [(path, method, op) for path, methods in document["paths"].items() for method, op in methods.items()]
    for path, method, operation in operations:
        assert method in ("get", "post", "patch", "put", "delete", "options"), (path, method)
        named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert named == {part.split("}")[0].rstrip("*") for part in path.split("{")[1:]}, (path, named)
        assert operation["responses"] and "security" in operation, (path, method)
    ids = [op["operationId"] for _, _, op in operations if "operationId" in op]
    assert len(ids) == len(set(ids))


@case
def every_route_is_in_openapi_with_its_permission(lab):
    paths = openapi(lab)["paths"]
    for method, pattern, auth, scope in route_rows(lab):
        operation = paths.get(pattern.replace("*}", "}"), {}).get(method.lower())
        assert operation is not None, (method, pattern)
        security = operation["security"]
        if auth == "PUBLIC":
            assert security == [], (pattern, security)
        elif auth in ("DEVICE", "DEVICE_READ", "CONNECTOR"):
            assert security == [{"certificate": []}], (pattern, security)
        elif auth == "TOKEN":
            assert security == [{"bearer": []}], (pattern, security)
        else:
            assert security == [{"bearer": [scope]}], (pattern, scope, security)
    known = {(m.upper(), p) for p, methods in paths.items() for m in methods}
    assert known == {(row[0], row[1].replace("*}", "}")) for row in route_rows(lab)}


@case
def every_property_table_is_in_both_documents(lab):
    schemas = openapi(lab)["components"]["schemas"]
    for version in VERSIONS:
        schema = metadata(lab, version)
        types = {t.get("Name"): t for t in schema if t.tag in (EDM + "EntityType", EDM + "ComplexType")}
        enums = {e.get("Name") for e in schema.findall(EDM + "EnumType")}
        assert len(types) > 40 and len(enums) > 20, (len(types), len(enums))
        for name, kind in types.items():
            if name == "Json" or name.endswith("Root"):  # any value; where collections hang
                continue
            documented = schemas[f"microsoft.graph.{name}"]
            known = set(documented.get("properties", {}))
            for part in documented.get("allOf", []):
                known |= set(part.get("properties", {}))
            mine = {p.get("Name") for p in kind if p.tag in (EDM + "Property", EDM + "NavigationProperty")}
            assert mine <= known, (version, name, mine - known)
            for p in kind:
                used = (p.get("Type") or "").removeprefix("Collection(").removesuffix(")")
                if used.startswith(("microsoft.graph.", "graph.")):
                    plain = used.split(".")[-1]
                    assert plain in types or plain in enums, (version, name, used)
            base = kind.get("BaseType")
            assert base is None or base.split(".")[-1] in types, (name, base)


@case
def every_collection_is_in_the_model(lab):
    for version in VERSIONS:
        schema = metadata(lab, version)
        container = schema.find(EDM + "EntityContainer")
        sets = {e.get("Name") for e in container.findall(EDM + "EntitySet")}
        text = xml.etree.ElementTree.tostring(schema).decode()
        for path in COLLECTIONS:
            name = path.split("/")[-1]
            assert name in sets or f'Name="{name}"' in text, (version, name, sorted(sets))
        names = [t.get("Name") for t in schema if t.get("Name")]
        assert len(names) == len(set(names)), [n for n in names if names.count(n) > 1]


@case
def what_the_service_answers_is_what_the_documents_say(lab):
    schemas = openapi(lab)["components"]["schemas"]

    def properties(name):
        schema = schemas[name]
        found = dict(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            found.update(properties(part["$ref"].split("/")[-1]) if "$ref" in part else part.get("properties", {}))
        return found

    kinds = {"groups": "group", "devices": "device", "organization": "organization",
             "deviceManagement/windowsAutopilotDeviceIdentities": "windowsAutopilotDeviceIdentity",
             "deviceManagement/managedDevices": "managedDevice", "deviceManagement/auditEvents": "auditEvent",
             "deviceManagement/autopilotEvents": "deviceManagementAutopilotEvent"}
    lab.group("Documented")
    for path, kind in kinds.items():
        name = f"microsoft.graph.{kind}"
        assert name in schemas, (path, sorted(n for n in schemas if "event" in n.lower()))
        for item in lab.get(f"{path}?$top=1")["value"]:
            unknown = {k for k in item if "@" not in k} - set(properties(name))
            assert not unknown, (path, unknown)


@case
def the_documents_hold_nothing_of_anybody(lab):
    text = json.dumps(openapi(lab))
    for secret in (lab.service["tenant"], lab.service["clientId"], str(lab.dir)):
        assert secret not in text
