#!/usr/bin/env python3
"""Writes the list of what is in the program (SBOM) as SPDX 2.3 JSON: the packages of Package.resolved and the Swift runtime.

    scripts/sbom.py VERSION [PROGRAM] >FILE       with PROGRAM, its SHA-256 is in the list

The same input gives the same bytes: the time is SOURCE_DATE_EPOCH, or that of the last commit.
"""

import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

root = pathlib.Path(__file__).resolve().parent.parent
version = sys.argv[1]
epoch = os.environ.get("SOURCE_DATE_EPOCH")
if epoch is None:
    log = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=root, capture_output=True, text=True, check=False)
    epoch = log.stdout.strip() or "0"
created = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
LICENCES = {
    "public domain": "blessing",
    "MIT": "MIT",
    "Apache-2.0": "Apache-2.0",
    "Apache-2.0 with Swift-exception": "Apache-2.0 WITH Swift-exception",
}
# The lines of NOTICE that name packages; a test compares them with Package.resolved.
rows = re.findall(r"^([\w-]+): (https://\S+) \(([^)]+)\)$", (root / "NOTICE").read_text(encoding="utf-8"), re.MULTILINE)
pins = {pin["identity"]: pin["state"] for pin in json.loads((root / "Package.resolved").read_text())["pins"]}
swift = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=False).stdout
found = re.search(r"Swift version (\S+)", swift)
runtime = found.group(1) if found else "NOASSERTION"


def package(name, release, address, licence):
    entry = {
        "SPDXID": f"SPDXRef-{name}",
        "name": name,
        "versionInfo": release,
        "downloadLocation": address,
        "filesAnalyzed": False,
        "licenseConcluded": licence,
        "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
    }
    if address.startswith("https://github.com/") and release != "NOASSERTION":
        reference = f"pkg:swift/{address.removeprefix('https://')}@{release}"
        entry["externalRefs"] = [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": reference}
        ]
    return entry


own = package("dashscope-gateway", version, "NOASSERTION", "MIT")
if len(sys.argv) > 2:
    digest = hashlib.sha256(pathlib.Path(sys.argv[2]).read_bytes()).hexdigest()
    own["checksums"] = [{"algorithm": "SHA256", "checksumValue": digest}]
packages = [own]
for name, address, licence in rows:
    release = pins[name].get("version", pins[name]["revision"]) if name in pins else runtime
    if name == "sqlite":
        # The header of the machine that builds.
        header = pathlib.Path("/usr/include/sqlite3.h")
        found = re.search(r'SQLITE_VERSION +"([^"]+)"', header.read_text()) if header.exists() else None
        release = found.group(1) if found else "NOASSERTION"
    packages.append(package(name, release, address, LICENCES[licence]))
missing = set(pins) - {entry["name"] for entry in packages}
if missing:
    sys.exit(f"NOTICE does not name {', '.join(sorted(missing))}: run scripts/notice.py")
json.dump(
    {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"dashscope-gateway-{version}",
        "documentNamespace": "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"dashscope-gateway-{version}-{json.dumps(packages)}")),
        "creationInfo": {"created": created, "creators": ["Tool: dashscope-gateway scripts/sbom.py"]},
        "packages": packages,
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": own["SPDXID"]}
        ]
        + [
            {"spdxElementId": own["SPDXID"], "relationshipType": "STATIC_LINK", "relatedSpdxElement": entry["SPDXID"]}
            for entry in packages[1:]
        ],
    },
    sys.stdout,
    indent=1,
)
print()
