# METADATA
# description: |
#   On which nodes a volume's path is meant, by its nodeAffinity, as keys that an index can hold. Two volumes share a
#   node when one of them is met at a key that the other one holds. Values of one label tell nodes apart; of two
#   different labels nobody knows whether they mean the same node; a volume without nodeAffinity is on any node.
package lib.affinity

# METADATA
# description: The keys under which an index holds the volume.
held(volume) := {"node", "node *"} if {
	count(_nodes(volume)) == 0
} else := {"node"} | {key |
	some [label, value] in _nodes(volume)
	some key in [_label_key(label), _node_key(label, value)]
}

# METADATA
# description: The keys under which an index holds the volumes that share a node with it.
met(volume) := {"node"} if {
	count(_nodes(volume)) == 0
} else := {"node *"} | {_node_key(label, value) | some [label, value] in _nodes(volume)}

# METADATA
# description: The keys under which an index holds the volumes of which nobody knows whether they share a node with it.
maybe_met(volume) := {_label_key(other) |
	some [label, _] in _nodes(volume)
	some other in _labels
	other != label
}

# METADATA
# description: |
#   "any node", or what the nodes are named by.
text(volume) := "any node" if {
	count(_nodes(volume)) == 0
} else := concat(" or ", {value | some [_, value] in _nodes(volume)})

_label_key(label) := sprintf("node %s", [label])

_node_key(label, value) := sprintf("node %s=%s", [label, value])

_labels := {label |
	some volume in data.inventory.cluster.v1.PersistentVolume
	some [label, _] in _nodes(volume)
}

# Labels of which a node needs one, {[label, value]}; empty for any node and for terms that name no values.
_nodes(volume) := union({_choices(term) | some term in terms}) if {
	terms := volume.spec.nodeAffinity.required.nodeSelectorTerms
	every term in terms {
		count(_choices(term)) > 0
	}
} else := set()

# Requirements of a term hold together, so any one of them bounds it: the node's name, else the first by name.
_choices(term) := {[label, value] |
	some [label, value] in _values(term)
	label == _telling({other | some [other, _] in _values(term)})
}

_telling(labels) := _hostname if {
	_hostname in labels
} else := sort(labels)[0]

_values(term) := {[label, value] |
	some [label, operator, values] in _requirements(term)
	operator == "In"
	some value in values
	is_string(value)
}

# The one field that a term can match is the node's name, which is its hostname almost everywhere.
_requirements(term) := {[requirement.key, requirement.operator, requirement.values] |
	some requirement in term.matchExpressions
} | {[_hostname, requirement.operator, requirement.values] |
	some requirement in term.matchFields
}

_hostname := "kubernetes.io/hostname"
