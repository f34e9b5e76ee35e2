"""`python -m tools.lint`: runs every own rule over the files of the repository; exit 1 when one complains."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path, PurePosixPath

from tools.lint import places, receivers, size, templates, vocabulary, writes
from tools.lint.rule import Finding, Rule

ROOT = Path(__file__).resolve().parents[2]
RULES: tuple[Rule, ...] = (
    writes.RULE,
    receivers.RULE,
    vocabulary.RULE,
    templates.RULE,
    places.RULE,
    size.RULE,
)
SKIPPED_FOLDERS = {".git", ".venv", "node_modules", "build", "dist", "data", "__pycache__"}


def files() -> list[PurePosixPath]:
    """Files that belong to the project: those that git tracks or would track, else all but built ones."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        names = [name for name in result.stdout.split("\0") if name]
    else:
        paths = (p.relative_to(ROOT) for p in ROOT.rglob("*") if p.is_file())
        names = [p.as_posix() for p in paths if not SKIPPED_FOLDERS & set(p.parts)]
    return sorted(PurePosixPath(name) for name in names if (ROOT / name).is_file())


def read(path: PurePosixPath) -> str | None:
    """The text of a file, None for a binary one."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def run(rules: tuple[Rule, ...] = RULES) -> tuple[list[tuple[Rule, Finding]], list[Finding]]:
    """What the rules refuse, and what is merely longer than it should be."""
    refused: list[tuple[Rule, Finding]] = []
    advice: list[Finding] = []
    used: set[tuple[str, str]] = set()
    for path in files():
        chosen = [rule for rule in rules if rule.applies(path)]
        text = read(path) if chosen else None
        if text is None:
            continue
        for rule in chosen:
            for finding in rule.check(str(path), text):
                exception = f"{finding.path}: {finding.key}"
                if exception in rule.exceptions:
                    used.add((rule.name, exception))
                else:
                    refused.append((rule, finding))
            if rule is size.RULE:
                advice.extend(size.advice(str(path), text))
    for rule in rules:
        for exception in rule.exceptions:
            if (rule.name, exception) not in used:
                stale = Finding(
                    exception.split(": ")[0],
                    1,
                    f"exception of rule {rule.name} is no longer needed: {exception}",
                )
                refused.append((rule, stale))
    return refused, advice


def main() -> int:
    """Prints findings as `path:line: [rule] text`."""
    refused, advice = run()
    for finding in sorted(advice):
        print(f"{finding.path}:{finding.line}: note: {finding.text}")
    for rule, finding in refused:
        print(f"{finding.path}:{finding.line}: [{rule.name}] {finding.text}")
    for rule in {rule.name: rule for rule, _ in refused}.values():
        print(f"[{rule.name}] {rule.why}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
