"""The bill of materials of an image that the Dockerfile made, as CycloneDX 1.6 in JSON.

    image_sbom.py OUTPUT IMAGE --version 1.2.0 --build-image katydid:build

It has each of Debian's packages in IMAGE, the libcurl that was built for it, and what was compiled into the program, as
ninja noted it in the stage that built it. Podman asks both images, with no network.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import subprocess
import sys

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.license import DisjunctiveLicense
from packageurl import PackageURL
from sbom import COMPILED, text_of

INSTALLED = "installed package"
SHAPE = r"${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Maintainer}\n"
# Each header by both of its names, where /lib is a link to /usr/lib. What is below /src is Katydid's.
PACKAGES_COMPILED_IN = r"""
cd /src/build/release
ninja -t deps | sed -n 's/^ *//p' | grep '^/' | grep -v '^/src/' | sort -u | xargs realpath -s |
  sed -E 'p; s|^/usr/|/|' | xargs dpkg-query --search 2>/dev/null | sed 's/: .*//; s/, .*//' | sort -u |
  xargs dpkg-query -W -f '%s'
"""


def inside(image: str, script: str) -> str:
    command = ["podman", "run", "--rm", "--network", "none", "--entrypoint", "bash", image, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def components_of(lines: str, how: str, distribution: str, release: str) -> dict[str, Component]:
    found = {}
    for line in lines.splitlines():
        name, version, machine, source, maintainer = line.split("\t")
        qualifiers = {"arch": machine, "distro": f"{distribution}-{release}", "upstream": source}
        purl = PackageURL("deb", distribution, name, version, qualifiers)
        found[purl.to_string()] = Component(
            type=ComponentType.LIBRARY,
            name=name,
            version=version,
            purl=purl,
            bom_ref=purl.to_string(),
            supplier=OrganizationalEntity(name=re.sub(r" <.*", "", maintainer)),
            properties=[Property(name="katydid:used-as", value=how)],
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("image")
    parser.add_argument("--version", required=True)
    parser.add_argument("--build-image", required=True)
    parser.add_argument("--epoch", type=int, required=True, help="the time in it, in seconds since 1970")
    options = parser.parse_args()

    distribution, release = inside(options.image, '. /etc/os-release && echo "$ID $VERSION_ID"').split()
    installed = inside(options.image, f"dpkg-query -W -f '{SHAPE}'")
    found = components_of(installed, INSTALLED, distribution, release)
    compiled = inside(options.build_image, PACKAGES_COMPILED_IN % SHAPE)
    for key, component in components_of(compiled, COMPILED, distribution, release).items():
        found.setdefault(key, component).properties.update(component.properties)
    if not compiled or not installed:
        sys.exit(f"image_sbom.py: {options.image} or {options.build_image} does not say what is in it")
    curl = inside(options.build_image, "cat /usr/local/lib/libcurl.stamp").split()[0]
    digest, curl_digest = (
        line.split()[0]
        for line in inside(
            options.image, "sha256sum /usr/local/bin/katydid $(realpath /usr/local/lib/libcurl.so.4)"
        ).splitlines()
    )
    own = Component(
        type=ComponentType.LIBRARY,
        name="curl",
        version=curl,
        bom_ref="libcurl",
        purl=PackageURL("generic", None, "curl", curl, {"distro": f"{distribution}-{release}"}),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=curl_digest)],
        properties=[Property(name="katydid:file", value="/usr/local/lib/libcurl.so.4")],
    )
    system = Component(type=ComponentType.OPERATING_SYSTEM, name=distribution, version=release, bom_ref="system")
    program = Component(
        type=ComponentType.APPLICATION,
        name="katydid",
        version=options.version,
        bom_ref="program",
        purl=PackageURL("generic", None, "katydid", options.version),
        licenses=[DisjunctiveLicense(id="MIT")],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        properties=[Property(name="katydid:file", value="/usr/local/bin/katydid")],
    )
    subject = Component(
        type=ComponentType.CONTAINER,
        name="katydid",
        version=options.version,
        bom_ref="image",
        properties=[Property(name="katydid:image", value=options.image)],
    )
    components = [system, program, own, *found.values()]
    options.output.write_text(text_of(subject, components, digest + installed, options.epoch))
    print(f"{options.output}: {len(components)} components")


if __name__ == "__main__":
    main()
