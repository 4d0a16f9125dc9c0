# METADATA
# description: |
#   Fixes as JSON Patch (RFC 6902). Each tests what it replaces or removes first, so that it does not apply where
#   someone wrote another value meanwhile.
package lib.patch

import data.lib.meta

# METADATA
# description: |
#   Sets the field at path (keys and list indexes from the root) to value; parents that are missing, or null, are made
#   as objects.
set(obj, path, value) := [
	{"op": "test", "path": meta.pointer(path), "value": old},
	{"op": "replace", "path": meta.pointer(path), "value": value},
] if {
	old := object.get(obj, path, _absent)
	old != _absent
} else := array.concat(_parents(obj, path), [{"op": "add", "path": meta.pointer(path), "value": value}])

# METADATA
# description: Removes the field at path; undefined when it is not there.
remove(obj, path) := [
	{"op": "test", "path": meta.pointer(path), "value": old},
	{"op": "remove", "path": meta.pointer(path)},
] if {
	old := object.get(obj, path, _absent)
	old != _absent
}

_parents(obj, path) := [op |
	some i, _ in path
	i > 0
	parent := array.slice(path, 0, i)
	some op in _made(object.get(obj, parent, _absent), meta.pointer(parent))
]

_made(old, pointer) := [{"op": "add", "path": pointer, "value": {}}] if old == _absent

_made(old, pointer) := [
	{"op": "test", "path": pointer, "value": null},
	{"op": "replace", "path": pointer, "value": {}},
] if {
	old == null
}

# A value that no object holds: null is one that an object may hold.
_absent := {"data-guard.dev/absent"}
