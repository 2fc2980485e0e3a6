"""Reads texts as PyYAML's SafeLoader does, with CloudFormation's tags kept as what they stand on.

A JSON text a line comes in, the documents of the text go out as JSON, or null where they are refused.
"""
import datetime
import json
import sys

import yaml


class Loader(yaml.SafeLoader):
    pass


def tagged(loader, _, node):
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("!", tagged)


def key(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return value
    raise ValueError("a key that is no text")


def shown(value, depth=0):
    if depth > 100:
        raise RecursionError
    if value is None:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return ["n", str(value)]
    if isinstance(value, float):
        return ["f", repr(value)]
    if isinstance(value, str):
        return ["s", value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return ["t"]
    if isinstance(value, list):
        return ["l", [shown(item, depth + 1) for item in value]]
    if isinstance(value, dict):
        return ["m", [[key(name), shown(item, depth + 1)] for name, item in value.items()]]
    raise ValueError("of no kind that a template has")


sys.setrecursionlimit(20000)
for line in sys.stdin:
    try:
        documents = [shown(document) for document in yaml.load_all(json.loads(line), Loader)]
    except ValueError as error:
        print(json.dumps("other"))
        continue
    except RecursionError:
        print(json.dumps("deep"))
        continue
    except Exception:
        print("null")
        continue
    print(json.dumps(documents or [None]))
