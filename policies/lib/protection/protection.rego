# METADATA
# description: |
#   Labels and annotations of guard's own that lower protection, and which of them a change lowers it by. They count
#   wherever an object has a map of labels or annotations: in its metadata, and in what it makes other objects from
#   (spec.template, volumeClaimTemplates, podMetadata, inheritedMetadata).
package lib.protection

import data.lib.approval
import data.lib.clock
import data.lib.exemption
import data.lib.meta

# METADATA
# description: |
#   Every label and annotation of guard's own that a policy or library reads, as [part, name]; exempt.%s stands for that
#   of each policy.
keys := {[word.part, word.name] | some word in _words} | {
	["annotations", "allow-delete"],
	["annotations", "empty-backup"],
	["annotations", "exempt.%s"],
}

# METADATA
# description: |
#   What only raises protection, as [part, name]: to take it away is what lowers it.
raises := {["annotations", "identity"]}

# METADATA
# description: |
#   Labels that say what the bundle installed, as [part, name] and [part, name, value]: they lower nothing, and
#   guard-webhook-fail-open watches over them.
marks := {["labels", "policy"], ["labels", "severity"], ["labels", "severity", "critical"]}

# METADATA
# description: |
#   The values that are compared literally, as [part, name, value]: what lowers protection, and "true" for data, which
#   raises it.
values := {[word.part, word.name, word.value] | some word in _words} | {["annotations", "data", "true"], ["labels", "data", "true"]}

_words := [
	{"part": "annotations", "name": "data", "value": "false", "effect": _expendable},
	{"part": "labels", "name": "data", "value": "false", "effect": _expendable},
	{"part": "labels", "name": "ephemeral", "value": "true", "effect": _expendable, "kind": "Namespace"},
	{"part": "labels", "name": "env", "value": "ci", "effect": _expendable, "kind": "Namespace"},
	{"part": "annotations", "name": "shared-backend", "value": "true", "effect": "that it shares its directory or disk with others counts as meant"},
	{"part": "annotations", "name": "versioned-bucket", "value": "true", "effect": "deleting its backup data counts as harmless, since the bucket keeps versions"},
]

_expendable := "what it holds counts as data that may be lost"

# METADATA
# description: |
#   What lowers protection on the way from before to after ({} for an object that comes anew): {part, name, word, field,
#   at, lost, effect}. word is what a message calls the label or annotation, field the pointer to it, at the pointer to
#   the template that carries it, "" for the object's own metadata; lost says that a word which raised protection is
#   gone; effect ends a sentence. Shortening or removing an approval or exemption lowers nothing. days is as far ahead as
#   exemptions hold: to shorten one that reaches further is to put it in force.
weakened(before, after, days) := {object.union(change, {
	"field": meta.pointer(array.concat(path, [change.part, concat("", [meta.domain, change.name])])),
	"at": _at(path),
	"word": sprintf("%s %s%s", [trim_suffix(change.part, "s"), meta.domain, change.name]),
}) |
	some [path, was, now] in _carried(_changed(before, after), _changed(after, before))
	some change in union({_deletion(was, now), _exempted(was, now, days), _emptied(was, now), _said(after, path, was, now), _unsaid(was, now)})
}

# METADATA
# description: A change of the object as a message tells it; by says who made it.
sentence(obj, change, by) := sprintf("%s has %s%s %s by %s: %s", [meta.name(obj), change.word, _place_of(change), _verb(change), by, change.effect])

_place_of(change) := "" if {
	change.at == ""
} else := sprintf(" in %s", [change.at])

_verb(change) := "taken away" if {
	change.lost
} else := "set"

_deletion(was, now) := {_change("annotations", "allow-delete", sprintf("its deletion is to be allowed until %s", [text])) |
	text := meta.annotation(now, "allow-delete")
	until := clock.instant(text)
	time.now_ns() < until
	not _approved(was, until)
}

_approved(was, until) if clock.instant(meta.annotation(was, "allow-delete")) == until

# One that is more than a day away does not hold yet, so a shorter one is more.
_approved(was, until) if {
	approval.holds(was)
	until < clock.instant(meta.annotation(was, "allow-delete"))
}

_exempted(was, now, days) := {_change("annotations", concat("", ["exempt.", id]), sprintf("%s is to say nothing about it until %s", [id, terms.until])) |
	some key, text in now.metadata.annotations
	startswith(key, _exempt)
	id := trim_prefix(key, _exempt)
	terms := exemption.terms(text)
	terms.until >= clock.date(time.now_ns())
	not _granted(object.get(was, ["metadata", "annotations", key], ""), terms, days)
}

_exempt := concat("", [meta.domain, "exempt."])

_granted(text, terms, _) if exemption.terms(text) == terms

_granted(text, terms, days) if {
	granted := exemption.terms(text)
	object.remove(granted, ["until"]) == object.remove(terms, ["until"])
	terms.until < granted.until
	granted.until <= clock.date(time.now_ns() + clock.days(days))
}

_emptied(was, now) := {_change("annotations", "empty-backup", sprintf("%s counts as empty, and its finalizer may go", [json.marshal(path)])) |
	path := meta.annotation(now, "empty-backup")
	path != object.get(was, ["metadata", "annotations", concat("", [meta.domain, "empty-backup"])], null)
}

_said(after, path, was, now) := {_change(word.part, word.name, word.effect) |
	some word in _words
	_read(after, path, word)
	_value(now, word.part, word.name) == word.value
	_value(was, word.part, word.name) != word.value
}

_read(_, _, word) if not word.kind

_read(after, path, word) if {
	path == ["metadata"]
	after.kind == word.kind
}

_unsaid(was, now) := _undeclared(was, now) | _unnamed(was, now)

# Annotation or label, one "true" is enough, and a new "false" is reported as such.
_undeclared(was, now) := {object.union(change, {"lost": true}) |
	some part in ["annotations", "labels"]
	_value(was, part, "data") == "true"
	every left in ["annotations", "labels"] {
		not _spoken(was, now, left)
	}
	change := _change(part, "data", "nobody says any more that it holds data")
}

# A Secret or ConfigMap that data depends on.
_unnamed(was, now) := {object.union(_change("annotations", "identity", "nobody says any more that data depends on it"), {"lost": true})} if {
	_names_identity(was)
	not _names_identity(now)
} else := set()

_names_identity(carrier) if not _value(carrier, "annotations", "identity") in {"", "false"}

_spoken(_, now, part) if _value(now, part, "data") == "true"

_spoken(was, now, part) if {
	_value(now, part, "data") == "false"
	_value(was, part, "data") != "false"
}

_value(carrier, part, name) := object.get(carrier, ["metadata", part, concat("", [meta.domain, name])], "")

_change(part, name, effect) := {"part": part, "name": name, "effect": effect, "lost": false}

# Every status is written all the time, and templates are large: only what differs is looked through.
_changed(obj, other) := object.filter(obj, ["metadata"]) if {
	object.remove(obj, ["metadata", "status"]) == object.remove(other, ["metadata", "status"])
} else := object.remove(obj, ["status"])

# Each carrier that is there afterwards as [path, was, now]: a template that goes takes nothing's protection.
_carried(before, after) := {[path, was, now] |
	some path in _paths(after)
	was := _found(before, _place(after, path))
	now := _own(after, path)
} | {[path, was, now] |
	some path in (_paths(before) - _paths(after))
	_place(before, path) == _place(after, path)
	was := _own(before, path)
	now := _own(after, path)
}

_found(obj, place) := found[0] if {
	found := [_own(obj, path) | some path in _paths(obj); _place(obj, path) == place]
} else := {}

# Paths of what has a map of labels or annotations with one of guard's own.
_paths(obj) := {["metadata"] |
	some part in ["annotations", "labels"]
	_ours(obj.metadata[part])
} | _paths_of_templates(object.remove(obj, ["metadata"]))

_paths_of_templates(rest) := {array.slice(path, 0, count(path) - 1) |
	walk(rest, [path, written])
	path[count(path) - 1] in {"annotations", "labels"}
	_ours(written)
} if {
	contains(json.marshal(rest), meta.domain)
} else := set()

_ours(written) if {
	is_object(written)
	some key, _ in written
	startswith(key, meta.domain)
}

_own(obj, path) := {"metadata": {part: own |
	some part in ["annotations", "labels"]
	written := object.get(obj, array.concat(path, [part]), {})
	is_object(written)
	own := {key: value |
		some key, value in written
		is_string(value)
	}
}}

# The path with items of lists by their names: an item that moves in its list stays the same.
_place(obj, path) := [_step(obj, array.slice(path, 0, i + 1)) | some i, _ in path]

_step(obj, path) := item.name if {
	is_number(path[count(path) - 1])
	item := object.get(obj, path, {})
	is_string(item.name)
} else := item.metadata.name if {
	is_number(path[count(path) - 1])
	item := object.get(obj, path, {})
	is_string(item.metadata.name)
} else := path[count(path) - 1]

_at(path) := "" if {
	path == ["metadata"]
} else := meta.pointer(array.slice(path, 0, count(path) - 1)) if {
	path[count(path) - 1] == "metadata"
} else := meta.pointer(path)
