"""The bill of materials in a wheel, as PEP 770 has it: `*.dist-info/sboms/katydid.cdx.json`, beside auditwheel's.

    wheel_sbom.py WHEEL --version 1.2.0 --build build/wheel-cp311-cp311-linux_x86_64 --binary .../katydid
    wheel_sbom.py WHEEL --check

The first puts it in: what was compiled in, and each library that auditwheel copied, with the name of the copy. What the
wheel takes from the machine that it runs on, as its C library, is no part of it. The second fails unless each bill in
the wheel is as CycloneDX's schema has it, ours names each copied library and no other, and all files are as RECORD has
them. The same wheel gives the same bytes.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import json
import pathlib
import sys
import zipfile

from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from sbom import COMPILED, Materials, add_options, digest_of, epoch_of, headers_of, known, libraries_of, text_of

COPIED = "copied library"
NAME = "katydid.cdx.json"


def dist_info(wheel: zipfile.ZipFile) -> str:
    [record] = [name for name in wheel.namelist() if name.endswith(".dist-info/RECORD")]
    return record.removesuffix("/RECORD")


def copies_of(wheel: zipfile.ZipFile) -> set[str]:
    return {name for name in wheel.namelist() if name.startswith("katydid.libs/") and ".so" in name}


def line_of(name: str, content: bytes) -> list[str]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return [name, f"sha256={digest}", str(len(content))]


def originals_of(copies: set[str], libraries: set[pathlib.Path]) -> dict[pathlib.Path, str]:
    """auditwheel calls a copy by the name and the beginning of the digest of what it copied."""
    originals = {}
    for library in libraries:
        stem, _, rest = library.resolve().name.partition(".")
        mark = digest_of(library)[:8]
        for copy in copies:
            name = copy.rpartition("/")[2]
            if name.startswith(f"{stem}-{mark}.") or name == f"{library.name.partition('.')[0]}-{mark}.{rest}":
                originals[library] = copy
    if nobodys := copies - set(originals.values()):
        sys.exit(f"wheel_sbom.py: the wheel has {', '.join(sorted(nobodys))}, and nothing like it is here")
    return originals


def bill_for(path: pathlib.Path, options: argparse.Namespace) -> str:
    with zipfile.ZipFile(path) as wheel:
        copies = copies_of(wheel)
        record = wheel.read(f"{dist_info(wheel)}/RECORD")
    originals = originals_of(copies, libraries_of(options.binary, options.library_path, options.sysroot))
    materials = Materials(options.sysroot)
    materials.add(headers_of(options.build.resolve(), pathlib.Path.cwd()), COMPILED)
    for library, copy in sorted(originals.items()):
        materials.add({library}, COPIED, as_file=copy)
    subject = Component(
        type=ComponentType.LIBRARY,
        name="katydid",
        version=options.version,
        bom_ref="katydid",
        purl=PackageURL("pypi", None, "katydid", options.version),
        licenses=[DisjunctiveLicense(id="MIT")],
    )
    # The wheel can't have its own digest in it: RECORD has those of all the rest.
    return text_of(subject, known(materials), hashlib.sha256(record).hexdigest(), epoch_of(path))


def put(path: pathlib.Path, bill: bytes) -> None:
    """All else stays as it was, in its order; RECORD is last."""
    made = path.with_suffix(".partial")
    with zipfile.ZipFile(path) as wheel, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        folder = dist_info(wheel)
        own = f"{folder}/sboms/{NAME}"
        for info in wheel.infolist():
            if info.filename not in (own, f"{folder}/RECORD"):
                out.writestr(info, wheel.read(info))
        told = wheel.getinfo(f"{folder}/RECORD")
        lines = [line for line in csv.reader(io.StringIO(wheel.read(told).decode())) if line and line[0] != own]
        lines.insert(len(lines) - 1, line_of(own, bill))
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(lines)
        entry = zipfile.ZipInfo(own, told.date_time)
        entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, told.external_attr
        out.writestr(entry, bill)
        out.writestr(told, text.getvalue())
    made.replace(path)


def check(path: pathlib.Path) -> None:
    with zipfile.ZipFile(path) as wheel:
        folder = dist_info(wheel)
        names = [name for name in wheel.namelist() if not name.endswith("/")]
        bills = {name: wheel.read(name).decode() for name in names if name.startswith(f"{folder}/sboms/")}
        for name, text in bills.items():
            version = SchemaVersion.from_version(json.loads(text)["specVersion"])
            if error := JsonStrictValidator(version).validate_str(text):
                sys.exit(f"wheel_sbom.py: CycloneDX's schema does not take {name} of {path}: {error}")
        if f"{folder}/sboms/{NAME}" not in bills:
            sys.exit(f"wheel_sbom.py: there is no {NAME} in {path}")
        components = json.loads(bills[f"{folder}/sboms/{NAME}"])["components"]
        named = {p["value"] for c in components for p in c["properties"] if p["name"] == "katydid:file"}
        if named != copies_of(wheel):
            sys.exit(f"wheel_sbom.py: {path} has other libraries than its bill: {sorted(named ^ copies_of(wheel))}")
        lines = {line[0]: line for line in csv.reader(io.StringIO(wheel.read(f"{folder}/RECORD").decode())) if line}
        for name in set(names) | set(lines):
            if name != f"{folder}/RECORD" and lines.get(name) != line_of(name, wheel.read(name)):
                sys.exit(f"wheel_sbom.py: {name} of {path} is not as RECORD has it")
    print(f"{path}: {len(bills)} bills of materials, {len(components)} components in ours, {len(named)} libraries")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=pathlib.Path)
    if "--check" in sys.argv[1:]:
        parser.add_argument("--check", action="store_true")
        check(parser.parse_args().wheel)
        return
    add_options(parser)
    options = parser.parse_args()
    put(options.wheel, bill_for(options.wheel, options).encode())


if __name__ == "__main__":
    main()
