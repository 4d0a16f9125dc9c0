package lib.affinity_test

import data.lib.affinity

test_a_volume_without_affinity_is_on_any_node if {
	every affinity_of in [null, {}, {"required": null}, {"required": {"nodeSelectorTerms": []}}, {"required": {"nodeSelectorTerms": [{}]}}] {
		affinity.text({"spec": {"nodeAffinity": affinity_of}}) == "any node"
	}
	affinity.text({}) == "any node"
	affinity.held({}) == {"node", "node *"}
	affinity.met({}) == {"node"}
	affinity.maybe_met({}, affinity.labels(_volumes)) == set()
}

test_a_term_that_names_no_values_lets_the_volume_on_any_node if {
	every requirement in [
		{"key": "kubernetes.io/hostname", "operator": "NotIn", "values": ["a"]},
		{"key": "kubernetes.io/hostname", "operator": "Exists"},
		{"key": "kubernetes.io/hostname", "operator": "In", "values": []},
		{"key": "kubernetes.io/hostname", "operator": "In", "values": [7]},
	] {
		affinity.text(_volume([_term([{"key": "zone", "operator": "In", "values": ["z"]}]), _term([requirement])])) == "any node"
	}
}

test_nodes_are_named_by_hostname_before_any_other_label if {
	volume := _volume([_term([_in("a-label", ["x"]), _in("kubernetes.io/hostname", ["n1", "n2"])])])
	affinity.text(volume) == "n1 or n2"
	affinity.held(volume) == {
		"node", "node kubernetes.io/hostname",
		"node kubernetes.io/hostname=n1", "node kubernetes.io/hostname=n2",
	}
	affinity.met(volume) == {"node *", "node kubernetes.io/hostname=n1", "node kubernetes.io/hostname=n2"}
}

test_without_hostname_the_first_label_by_name_counts if {
	affinity.met(_volume([_term([_in("zone", ["z"]), _in("rack", ["r"])])])) == {"node *", "node rack=r"}
}

test_the_field_is_the_nodes_name if {
	affinity.text(_volume([{"matchFields": [_in("metadata.name", ["n1"])]}])) == "n1"
}

test_terms_are_alternatives if {
	affinity.text(_volume([_term([_in("zone", ["z"])]), _term([_in("rack", ["r"])])])) == "r or z"
}

test_of_another_label_nobody_knows if {
	affinity.maybe_met(_volume([_term([_in("kubernetes.io/hostname", ["n1"])])]), affinity.labels(_volumes)) == {"node zone"}
	affinity.maybe_met(_volume([_term([_in("zone", ["y"])])]), affinity.labels(_volumes)) == {"node kubernetes.io/hostname"}
}

test_a_volume_is_reached_from_nodes_that_a_term_allows if {
	node := {"metadata": {"name": "n1", "labels": {"kubernetes.io/hostname": "h1", "zone": "z"}}}
	every terms in [
		[_term([_in("kubernetes.io/hostname", ["h0", "h1"])])],
		[_term([_in("zone", ["y"])]), _term([_in("zone", ["z"])])],
		[_term([_in("zone", ["z"]), {"key": "arch", "operator": "Exists"}])],
		[_term([_in("topology.example.com/node", ["n1"])])],
		[{"matchFields": [_in("metadata.name", ["n1"])]}],
	] {
		affinity.allows(_volume(terms), node)
	}
	every terms in [
		[], [{}], [_term([_in("kubernetes.io/hostname", ["n1"])])], [_term([_in("zone", ["z"]), _in("kubernetes.io/hostname", ["h2"])])],
		[_term([{"key": "zone", "operator": "NotIn", "values": ["z"]}])], [{"matchFields": [_in("metadata.name", ["h1"])]}],
	] {
		not affinity.allows(_volume(terms), node)
	}
}

test_a_volume_is_confined_to_the_one_node_that_every_term_names if {
	node := {"metadata": {"name": "n1", "labels": {"kubernetes.io/hostname": "h1", "zone": "z"}}}
	every terms in [
		[_term([_in("kubernetes.io/hostname", ["h1"]), _in("zone", ["z"])])],
		[{"matchFields": [_in("metadata.name", ["n1"])]}],
	] {
		affinity.confines(_volume(terms), node)
	}
	every terms in [
		[], [{}], [_term([_in("kubernetes.io/hostname", ["h1", "h2"])])], [_term([_in("zone", ["z"])])],
		[_term([_in("kubernetes.io/hostname", ["h1"])]), _term([_in("kubernetes.io/hostname", ["h2"])])],
	] {
		not affinity.confines(_volume(terms), node)
	}
	affinity.confines(_volume([_term([_in("kubernetes.io/hostname", ["n1"])])]), {"metadata": {"name": "n1"}})
}

_in(key, values) := {"key": key, "operator": "In", "values": values}

_term(expressions) := {"matchExpressions": expressions}

_volume(terms) := {"spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}}}

_volumes := [
	_volume([_term([_in("kubernetes.io/hostname", ["n1"])])]),
	_volume([_term([_in("zone", ["z"])])]),
	{},
]
