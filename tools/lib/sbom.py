"""The bill of materials of something that was built here, as CycloneDX 1.6 in JSON.

    sbom.py OUTPUT FILE --version 1.2.0 --build build/package --binary build/package/katydid

OUTPUT tells of FILE what is in it: the packages whose headers and static libraries were compiled in, as ninja noted it
while it built, and the shared libraries that the binaries need, as the loader finds them. Names and versions are
those of Debian's packages, of Python's, or of what pkg-config says of a library that was built by hand. What tools/cross
built has its libraries in a sysroot, with a database of packages of its own. The same build gives the same bytes. Runs
by the environment of requirements-release.txt.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import uuid
from collections.abc import Iterable
from datetime import datetime, timezone

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

COMPILED, SHARED = "compiled in", "shared library"
Facts = set[tuple[str, str]]
NAMESPACE = uuid.UUID("8f0e62a3-6f0e-4d0b-9a53-0c7f5f6f7d11")


def output_of(*command: str | os.PathLike[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def headers_of(build: pathlib.Path, sources: pathlib.Path) -> set[pathlib.Path]:
    """All that was compiled and is not of this tree. Built by another path, it is called by that."""
    found = set()
    for line in output_of("ninja", "-C", build, "-t", "deps").splitlines():
        if line.startswith(" "):
            path = pathlib.Path(os.path.normpath(build / line.strip()))
            if not path.is_relative_to(sources) or path.is_relative_to(sources / ".venv"):
                found.add(path)
            elif any(path.is_relative_to(sources / "build" / folder) for folder in ("libcurl", "aarch64/sysroot")):
                found.add(path)
    return found


def libraries_of(
    binaries: Iterable[pathlib.Path], library_path: str, sysroot: pathlib.Path | None = None
) -> set[pathlib.Path]:
    """With a sysroot, its own loader is asked, under an emulator."""
    environment, ask = {**os.environ, "LD_LIBRARY_PATH": library_path}, ["ldd"]
    if sysroot:
        [loader] = sysroot.glob("lib/ld-linux-*.so.1")
        machine = loader.name.removeprefix("ld-linux-").removesuffix(".so.1")
        environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
        ask = [f"qemu-{machine}-static", str(loader), "--library-path", library_path, "--list"]
    found = set()
    for binary in binaries:
        shown = subprocess.run([*ask, binary], capture_output=True, text=True, check=True, env=environment).stdout
        if missing := re.findall(r"(\S+) => not found", shown):
            sys.exit(f"sbom.py: {binary} needs {', '.join(missing)}, which the loader does not find")
        found |= {pathlib.Path(path) for path in re.findall(r"(?:=> |^\s+)(/\S+) \(0x", shown, re.MULTILINE)}
    return found


class Materials:
    """Components by what they are, however many files of theirs were used."""

    def __init__(self, sysroot: pathlib.Path | None = None) -> None:
        self._sysroot = sysroot.resolve() if sysroot else None
        self.components: dict[str, Component] = {}
        self._facts: dict[str, Facts] = {}
        self.unknown: list[pathlib.Path] = []
        release = pathlib.Path("/etc/os-release").read_text()
        self._distribution = re.search(r'^ID="?([^"\n]+)', release, re.MULTILINE)[1]  # type: ignore[index]
        version = re.search(r'^VERSION_ID="?([^"\n]+)', release, re.MULTILINE)
        self._distro = self._distribution + (f"-{version[1]}" if version else "")

    def add(self, files: set[pathlib.Path], how: str, as_file: str = "") -> None:
        facts = {("katydid:used-as", how)} | ({("katydid:file", as_file)} if as_file else set())
        rest = self._add_debian(files, facts)
        for path in sorted(rest):
            if not self._add_python(path, facts) and not self._add_by_hand(path, facts):
                self.unknown.append(path)

    def finished(self) -> list[Component]:
        for key, component in self.components.items():
            for name, value in sorted(self._facts[key]):
                component.properties.add(Property(name=name, value=value))
        return list(self.components.values())

    def _note(self, purl: PackageURL, facts: Facts, supplier: str = "") -> None:
        key = purl.to_string()
        if key not in self.components:
            self.components[key] = Component(
                type=ComponentType.LIBRARY,
                name=purl.name,
                version=purl.version,
                purl=purl,
                bom_ref=key,
                supplier=OrganizationalEntity(name=supplier) if supplier else None,
            )
        self._facts.setdefault(key, set()).update(facts)

    def _add_debian(self, files: set[pathlib.Path], facts: Facts) -> set[pathlib.Path]:
        """Returns those that no package has."""
        if not self._sysroot:
            return self._add_packages(files, facts)
        inside = {path for path in files if path.resolve().is_relative_to(self._sysroot)}
        return self._add_packages(files - inside, facts) | self._add_packages(inside, facts, self._sysroot)

    def _add_packages(self, files: set[pathlib.Path], facts: Facts, root: pathlib.Path | None = None) -> set[pathlib.Path]:
        """Where /lib is a link to /usr/lib, packages have the one or the other."""
        names: dict[str, pathlib.Path] = {}
        prefix, query = (str(root), ["--admindir", str(root / "var/lib/dpkg")]) if root else ("", [])
        for path in files:
            for name in {path, path.resolve()}:
                names[str(name)] = path
                inner = str(name).removeprefix(prefix)
                names[prefix + (inner.removeprefix("/usr") if inner.startswith("/usr/lib") else f"/usr{inner}")] = path
        if not names:
            return set()
        ask = ["dpkg-query", *query, "--search", *sorted(names)]
        shown = subprocess.run(ask, capture_output=True, text=True, check=False)
        owners: dict[str, set[pathlib.Path]] = {}
        for line in shown.stdout.splitlines():
            packages, _, name = line.partition(": ")
            if name in names and not packages.startswith("diversion by"):
                owners.setdefault(packages.split(", ")[0], set()).add(names[name])
        found: set[pathlib.Path] = set()
        for package, owned in owners.items():
            shape = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Maintainer}\n"
            told = output_of("dpkg-query", *query, "-W", "-f", shape, package)
            name, version, machine, source, maintainer = told.split("\t")
            qualifiers = {"arch": machine, "distro": self._distro, "upstream": source}
            purl = PackageURL("deb", self._distribution, name, version, qualifiers)
            self._note(purl, facts, re.sub(r" <.*", "", maintainer.strip()))
            found |= owned
        return files - found

    def _add_python(self, path: pathlib.Path, facts: Facts) -> bool:
        for folder in path.parents:
            if folder.parent.name == "site-packages":
                [record] = folder.parent.glob(f"{folder.name}-*.dist-info")
                name, version = record.name.removesuffix(".dist-info").rsplit("-", 1)
                self._note(PackageURL("pypi", None, name, version), facts)
                return True
            if re.fullmatch(r"python3\.\d+t?", folder.name) and folder.parent.name == "include":
                text = (folder / "patchlevel.h").read_text()
                version = re.search(r'#define PY_VERSION\s+"([^"]+)"', text)
                self._note(PackageURL("generic", None, "cpython", version[1] if version else None), facts)
                return True
        return False

    def _add_by_hand(self, path: pathlib.Path, facts: Facts) -> bool:
        """A library of a prefix of its own, as tools/libcurl makes one."""
        for prefix in path.parents:
            for described in (prefix / "lib" / "pkgconfig").glob("*.pc"):
                if prefix.name not in ("usr", "") and described.stem in (prefix.name, path.name.split(".so")[0]):
                    # tools/libcurl notes which of Debian's versions it has built, with its security updates.
                    stamp = prefix / "lib" / f"{described.stem}.stamp"
                    told = stamp.read_text() if stamp.exists() else described.read_text()
                    version = re.search(r"\A(\d\S*)|^Version:\s*(\S+)", told, re.MULTILINE)
                    number = version[1] or version[2] if version else None
                    self._note(PackageURL("generic", None, described.stem, number), facts)
                    return True
        return False


def known(materials: Materials) -> list[Component]:
    if materials.unknown:
        sys.exit("sbom.py: nobody says where these come from: " + ", ".join(map(str, materials.unknown[:5])))
    return materials.finished()


def digest_of(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def epoch_of(path: pathlib.Path) -> int:
    return int(os.environ.get("SOURCE_DATE_EPOCH", "0")) or int(path.stat().st_mtime)


def text_of(subject: Component, components: list[Component], identity: str, epoch: int) -> str:
    """The bill, which CycloneDX's schema has taken. The same identity gives the same serial number."""
    bom = Bom(components=components, serial_number=uuid.uuid5(NAMESPACE, identity))
    bom.metadata.component = subject
    bom.metadata.timestamp = datetime.fromtimestamp(epoch, timezone.utc)
    bom.register_dependency(subject, components)
    text = JsonV1Dot6(bom).output_as_string(indent=2) + "\n"
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"sbom.py: CycloneDX's schema does not take it: {error}")
    return text


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="a tree that ninja built")
    parser.add_argument("--binary", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--library-path", default="", help="where the loader looks first")
    parser.add_argument("--sysroot", type=pathlib.Path, help="where what was built for another machine has its libraries")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("file", type=pathlib.Path)
    add_options(parser)
    options = parser.parse_args()

    materials = Materials(options.sysroot)
    materials.add(headers_of(options.build.resolve(), pathlib.Path.cwd()), COMPILED)
    materials.add(libraries_of(options.binary, options.library_path, options.sysroot), SHARED)
    digest = digest_of(options.file)
    subject = Component(
        type=ComponentType.APPLICATION,
        name="katydid",
        version=options.version,
        bom_ref="katydid",
        purl=PackageURL("generic", None, "katydid", options.version),
        licenses=[DisjunctiveLicense(id="MIT")],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        properties=[Property(name="katydid:file", value=options.file.name)],
    )
    components = known(materials)
    options.output.write_text(text_of(subject, components, digest, epoch_of(options.file)))
    print(f"{options.output}: {len(components)} components")


if __name__ == "__main__":
    main()
