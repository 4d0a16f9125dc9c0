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
# description: |
#   The keys under which an index holds the volumes of which nobody knows whether they share a node with it; labels are
#   those by which any of them names its nodes.
maybe_met(volume, labels_of_all) := {_label_key(other) |
	some [label, _] in _nodes(volume)
	some other in labels_of_all
	other != label
}

# METADATA
# description: |
#   "any node", or what the nodes are named by.
text(volume) := "any node" if {
	count(_nodes(volume)) == 0
} else := concat(" or ", {value | some [_, value] in _nodes(volume)})

# METADATA
# description: |
#   The volume can be reached from the node, as far as its terms name values. A label that the node lacks counts as
#   the node's name, which is what drivers of node-local volumes write there.
allows(volume, node) if {
	some term in volume.spec.nodeAffinity.required.nodeSelectorTerms
	_holds(term, node)
}

# METADATA
# description: The volume can be reached from that node and from no other, by its hostname or its name.
confines(volume, node) if {
	terms := volume.spec.nodeAffinity.required.nodeSelectorTerms
	count(terms) > 0
	every term in terms {
		_names_only(term, node)
	}
}

_holds(term, node) if {
	count(_named_by_label(term, node) | _named_by_field(term, node)) > 0
	every named in _named_by_label(term, node) | _named_by_field(term, node) {
		named.own in named.values
	}
}

_names_only(term, node) if {
	some named in (_named_by_label(term, node) | _named_by_field(term, node))
	named.key == _hostname
	{value | some value in named.values} == {named.own}
}

_named_by_label(term, node) := {{"key": requirement.key, "values": requirement.values, "own": _label(node, requirement.key)} |
	some requirement in term.matchExpressions
	requirement.operator == "In"
}

_named_by_field(term, node) := {{"key": _hostname, "values": requirement.values, "own": node.metadata.name} |
	some requirement in term.matchFields
	requirement.operator == "In"
}

_label(node, key) := value if {
	value := node.metadata.labels[key]
} else := node.metadata.name

_label_key(label) := sprintf("node %s", [label])

_node_key(label, value) := sprintf("node %s=%s", [label, value])

# METADATA
# description: The labels by which volumes name their nodes.
labels(volumes) := {label |
	some volume in volumes
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
