#!/usr/bin/env python3
"""Checks licences, sources and bans of all dependencies against deny.toml, for machines without cargo-deny.

Reads what `cargo metadata` says about the packages of Cargo.lock. Security advisories are not looked at: their list
is not on this machine. Exits 1 if a rule is broken, with a line for each.
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
            yield f"{name}: says nothing about its licence"
        elif not licence_is_allowed(licence, exceptions.get(package["name"], allowed)):
            yield f"{name}: licence {licence} is not in the allow-list"
        if package["name"] in banned:
            yield f"{name}: is banned"
        if package["source"] is not None and package["source"] not in registries:
            yield f"{name}: comes from {package['source']}"


def main():
    with open("deny.toml", "rb") as file:
        rules = tomllib.load(file)
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"], check=True, capture_output=True
    )
    packages = json.loads(metadata.stdout)["packages"]
    found = list(complaints(packages, rules))
    for complaint in found:
        print(f"dependencies: {complaint}")
    if not found:
        print(
            f"dependencies: licences, sources and bans of {len(packages)} packages are as deny.toml wants; security "
            "advisories were NOT checked (that needs cargo-deny and its list)"
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
