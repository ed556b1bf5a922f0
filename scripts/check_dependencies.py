#!/usr/bin/env python3
"""Checks licences, sources and bans of all dependencies against deny.toml, for machines without cargo-deny.

    scripts/check_dependencies.py MANIFEST…

Reads what `cargo metadata` reports for each manifest and its lock file. Security advisories are not checked here.
Exits 1 if a rule is broken, with a line for each breach.
"""

import json
import re
import subprocess
import sys
import tomllib


def licence_is_allowed(expression, allowed):
    """Evaluates an SPDX expression: AND, OR, WITH and parentheses; the old `A/B` means OR."""
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def either():
        result = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            result = both() or result
        return result

    def both():
        result = single()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            result = single() and result
        return result

    def single():
        token = tokens.pop(0)
        if token == "(":
            result = either()
            tokens.pop(0)
            return result
        if tokens and tokens[0] == "WITH":
            tokens.pop(0)
            return f"{token} WITH {tokens.pop(0)}" in allowed
        return token in allowed

    return either()


def complaints(packages, rules):
    allowed = set(rules["licenses"]["allow"])
    exceptions = {rule["crate"]: allowed | set(rule["allow"]) for rule in rules["licenses"].get("exceptions", [])}
    banned = {rule["crate"] for rule in rules["bans"].get("deny", [])}
    registries = {f"registry+{url}" for url in rules["sources"]["allow-registry"]}
    for package in packages:
        name = f"{package['name']} {package['version']}"
        licence = package["license"]
        if not licence:
            yield f"{name}: states no licence"
        elif not licence_is_allowed(licence, exceptions.get(package["name"], allowed)):
            yield f"{name}: licence {licence} is not in the allow-list"
        if package["name"] in banned:
            yield f"{name}: is banned"
        if package["source"] is not None and package["source"] not in registries:
            yield f"{name}: comes from {package['source']}"


def packages_of(manifest):
    command = ["cargo", "metadata", "--manifest-path", manifest, "--format-version", "1", "--locked", "--all-features"]
    metadata = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return json.loads(metadata.stdout)["packages"]


def main():
    with open("deny.toml", "rb") as file:
        rules = tomllib.load(file)
    packages = {package["id"]: package for manifest in sys.argv[1:] for package in packages_of(manifest)}
    found = list(complaints(packages.values(), rules))
    for complaint in found:
        print(f"dependencies: {complaint}")
    if not found:
        print(f"dependencies: licences, sources and bans of {len(packages)} packages are as deny.toml demands")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
