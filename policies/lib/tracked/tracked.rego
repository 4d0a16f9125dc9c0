# METADATA
# description: |
#   What a GitOps controller has made, by the list that it keeps of it: entries {group, kind, namespace, name}, group "" in
#   the core group and namespace "" for what has none. A version is not asked for: a controller may list another one than
#   the cluster prefers.
package lib.tracked

import data.lib.meta
import data.lib.operators
import data.lib.stake
import data.lib.text

# METADATA
# description: |
#   The object that an entry names; undefined when nobody showed it.
object(entry) := found[0] if {
	found := [obj |
		some version, kinds in _place(entry.namespace)
		group(version) == entry.group
		obj := kinds[entry.kind][entry.name]
	]
}

# METADATA
# description: |
#   What is at risk among entries, as {text, severity, related, unknown}: text ends a sentence and names what holds data
#   and is not among the guarded, the worst first, with what becomes of it. Where all that was shown is harmless, what
#   nobody showed may not be, and is named in unknown. Undefined where there is neither. here says that the entries are
#   objects of the inventory, and not of another cluster.
risk(entries, guarded, here) := {
	"text": sprintf("without a guard: %s", [text.few(array.concat([told], rest))]),
	"severity": {false: "high", true: "medium"}[worst.loss.kept],
	"related": [_key(one.entry) | some one in array.slice(losses, 0, _most)],
	"unknown": worst.loss.unknown,
} if {
	losses := _losses(entries - guarded, here)
	worst := losses[0]
	told := sprintf("%s (%s)", [_name(worst.entry), worst.loss.text])
	rest := [_name(one.entry) | some one in array.slice(losses, 1, count(losses))]
} else := {
	"text": sprintf("nobody showed whether there is a guard on %s", [text.few([_name(entry) | some entry in unseen])]),
	"severity": "high",
	"related": [],
	"unknown": [_key(entry) | some entry in array.slice(unseen, 0, _most)],
} if {
	unseen := sort([entry | some entry in entries; _holds_data(entry); not _shown(entry, here)])
	count(unseen) > 0
}

# METADATA
# description: |
#   The risk where nobody showed the list itself; missing says what was not shown.
unlisted(missing) := {
	"text": "nobody showed what it has made, which may hold data without a guard",
	"severity": "high",
	"related": [],
	"unknown": [missing],
}

# More of them help nobody who reads a finding.
_most := 20

# Those that are certain first, of them those whose data goes.
_losses(entries, here) := [ranked[3] |
	some ranked in sort([[count(loss.unknown), loss.kept, _name(entry), {"entry": entry, "loss": loss}] |
		here
		some entry in entries
		loss := stake.of(object(entry))
	])
]

_shown(entry, here) if {
	here
	object(entry)
}

# By its kind alone: a StatefulSet may have no claims, and most leave them behind.
_holds_data(entry) if sprintf("%s/%s", [entry.group, entry.kind]) in _certain

# A definition is named <plural>.<group>.
_holds_data(entry) if {
	entry.kind == "CustomResourceDefinition"
	some group in operators.groups
	endswith(entry.name, sprintf(".%s", [group]))
}

_certain := {"/Namespace", "/PersistentVolume", "/PersistentVolumeClaim"} | operators.kinds

_place("") := data.inventory.cluster

_place(ns) := data.inventory.namespace[ns] if ns != ""

# METADATA
# description: The group of an apiVersion; "" for the core group.
group(version) := split(version, "/")[0] if {
	contains(version, "/")
} else := ""

_name(entry) := meta.name({"kind": entry.kind, "metadata": entry})

# Without a version, since it need not be the one that the cluster has.
_key(entry) := meta.key("v1", entry.kind, entry.namespace, entry.name) if {
	entry.group == ""
} else := meta.key(entry.group, entry.kind, entry.namespace, entry.name)
