"""Fetch the front-end assets that Rapport carries, for maintainers: `python tools/vendor.py`.

Packages come by name through `npm pack`; what a page loads is written to `src/rapport/ui/static/vendor`
with `vendor.lock` (package, version, licence, SHA-256 of each file), what only tests load to `tests/assets`.
Nothing here runs at install or at start. Fonts are cut as `vendor_fonts` says, which names what it needs.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import vendor_css
import vendor_fonts

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "src/rapport/ui/static/vendor"
LOCK = VENDOR / "vendor.lock"
NODE = ROOT / "tests/assets/node"
"""Packages that tests run in Node.js, found there by NODE_PATH."""
FACES = ROOT / "src/rapport/ui/static/rapport/css/tokens.css"
WEIGHTS = (400, 700)

# Class families of Tabler that pages may use; the rest of the look is our own (static/rapport/css).
_SPACE = r"[mp][tbsexy]?-(?:[0-5]|auto)"
TABLER_KEEP = "|".join(
    [
        r"btn(?:-(?:primary|danger|icon|sm|lg|list))?",
        r"form-(?!colorinput|imagecheck|selectgroup|otp|control-color|floating|range|fieldset|control-flush)[\w-]+",
        r"input-(?:group|icon)[\w-]*",
        r"is-(?:in)?valid|invalid-feedback|was-validated",
        r"row|row-cards|col|col-auto|col-(?:md-)?(?:[1-9]|1[0-2])|g-[0-3]|container-(?:narrow|tight|xl)",
        r"d-(?:none|block|inline|flex|inline-flex|inline-block|grid)|flex-(?:column|row|fill|wrap|nowrap|grow-[01]|shrink-0)",
        r"justify-content-(?:start|end|center|between)|align-items-(?:start|end|center|baseline)|gap-[0-5]",
        rf"{_SPACE}|w-(?:100|auto)|h-100",
        r"text-(?:start|end|center|truncate|nowrap|break|secondary|muted|body|danger|success|warning|uppercase|wrap)",
        r"fw-(?:normal|medium|semibold|bold)|fs-[3-6]|small|h[1-6]|lead|list-(?:unstyled|inline|inline-item)",
        r"overflow-(?:auto|hidden)|position-(?:relative|sticky)|visually-hidden(?:-focusable)?|rounded|border(?:-0)?",
        r"link-(?:secondary|body)|hr-text|collapsed|active|disabled|show|focus|hover",
    ]
)
TABLER_DROP = (
    r"data-bs-theme|\[dir=|theme-dark|@media print|min-width:(?:576|1200|1400|1600)px"
    r"|\.(?:form-control|form-select)-(?:light|dark)|forced-colors"
)


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file: where it lies in its package, where it goes, and how it is made of it."""

    package: str
    source: str
    target: Path
    make: Callable[[bytes], bytes] = bytes


VERSIONS = {
    "@tabler/core": "1.6.1",
    "@tabler/icons": "3.51.0",
    "htmx.org": "4.0.1",
    "sortablejs": "1.15.7",
    "@fontsource-variable/inter": "5.3.0",
    "axe-core": "4.14.1",
    "standardwebhooks": "1.1.1",
    "@stablelib/base64": "1.0.1",
    "fast-sha256": "1.3.0",
}


def _trimmed(data: bytes) -> bytes:
    return vendor_css.trim(data.decode(), keep=TABLER_KEEP, drop=TABLER_DROP, layer="tabler").encode()


def _cut(file: str) -> Callable[[bytes], bytes]:
    return lambda data: vendor_fonts.cut(data, vendor_fonts.letters(FACES.read_text(), file), WEIGHTS)


def _without_map(data: bytes) -> bytes:
    return re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", data)


ASSETS = (
    Asset(
        package="@tabler/core",
        source="dist/css/tabler.min.css",
        target=VENDOR / "tabler.min.css",
        make=_trimmed,
    ),
    Asset(package="htmx.org", source="dist/htmx.min.js", target=VENDOR / "htmx.min.js", make=_without_map),
    Asset(package="sortablejs", source="Sortable.min.js", target=VENDOR / "sortable.min.js"),
    *(
        Asset(
            package="@fontsource-variable/inter",
            source=f"files/inter-{subset}-wght-normal.woff2",
            target=VENDOR / file,
            make=_cut(file),
        )
        for file, subset in (
            ("inter-latin.woff2", "latin"),
            ("inter-european.woff2", "latin-ext"),
            ("inter-vietnamese.woff2", "vietnamese"),
            ("inter-rare.woff2", "latin-ext"),
        )
    ),
    Asset(package="axe-core", source="axe.min.js", target=ROOT / "tests/assets/axe.min.js"),
    *(
        Asset(package=package, source=source, target=NODE / package / file, make=_without_map)
        for package, source, file in (
            ("standardwebhooks", "dist/index.js", "index.js"),
            ("standardwebhooks", "dist/timing_safe_equal.js", "timing_safe_equal.js"),
            ("@stablelib/base64", "lib/base64.js", "index.js"),
            ("fast-sha256", "sha256.js", "index.js"),
        )
    ),
)


def fetch(package: str, folder: Path) -> Path:
    """Unpack the pinned version of a package below `folder` and return where it lies."""
    spec = f"{package}@{VERSIONS[package]}"
    packed = subprocess.run(
        ["npm", "pack", spec, "--silent", "--pack-destination", str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    target = folder / package.replace("/", "-")
    with tarfile.open(folder / packed.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def sprite(package: Path) -> bytes:
    """One SVG of symbols `tabler-<name>` for the names listed in icons.txt."""
    symbols = []
    for name in icon_names():
        svg = (package / "icons/outline" / f"{name}.svg").read_text()
        inner = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
        inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", inner)
        inner = re.sub(r"\s*\n\s*", "", inner).replace(" />", "/>")
        symbols.append(f'<symbol id="tabler-{name}" viewBox="0 0 24 24">{inner}</symbol>')
    head = f"<!-- Tabler Icons {VERSIONS['@tabler/icons']}, MIT License, Copyright (c) Paweł Kuna -->"
    text = f'{head}\n<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    return text.encode()


def icon_names() -> list[str]:
    lines = (VENDOR / "icons.txt").read_text().splitlines()
    return sorted({line.strip() for line in lines if line.strip() and not line.startswith("#")})


def _licence(package: Path) -> str:
    return str(json.loads((package / "package.json").read_text())["license"])


def _keep_licence_text(name: str, package: Path) -> None:
    for candidate in ("LICENSE", "LICENSE.md", "LICENSE.txt"):
        if (package / candidate).exists():
            target = VENDOR / "licences" / (name.replace("@", "").replace("/", "-") + ".txt")
            target.parent.mkdir(exist_ok=True)
            target.write_bytes((package / candidate).read_bytes())
            return


def main() -> int:
    entries = []
    with tempfile.TemporaryDirectory() as folder:
        packages = {name: fetch(name, Path(folder)) for name in VERSIONS}
        made = [(a.package, a.source, a.target, a.make((packages[a.package] / a.source).read_bytes())) for a in ASSETS]
        icons = packages["@tabler/icons"]
        made.append(("@tabler/icons", "icons/outline", VENDOR / "icons.svg", sprite(icons)))
        for name, source, target, data in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            entries.append(
                {
                    "package": name,
                    "version": VERSIONS[name],
                    "licence": _licence(packages[name]),
                    "source": source,
                    "file": str(target.relative_to(ROOT)),
                    "sha256": hashlib.sha256(data).hexdigest(),
                }
            )
        for name, package in packages.items():
            _keep_licence_text(name, package)
    LOCK.write_text(json.dumps(sorted(entries, key=lambda e: e["file"]), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
