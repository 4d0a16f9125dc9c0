package lib.readiness_test

import data.lib.readiness

test_the_condition_ready_says_whether_a_node_is_there if {
	every status in ["True", "False", "Unknown"] {
		readiness.of(_node([{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": status}])) == status
	}
}

test_without_the_condition_nobody_knows if {
	every node in [
		{}, {"status": null}, {"status": {"conditions": null}}, _node([]), _node([{}, null]), _node([{"type": "Ready"}]),
		_node([{"type": "Ready", "status": "true"}]), _node([{"type": "DiskPressure", "status": "True"}]),
	] {
		readiness.of(node) == ""
	}
}

test_the_key_of_the_taint_decides_whatever_its_effect if {
	every effect in ["NoExecute", "NoSchedule", ""] {
		readiness.out_of_service({"spec": {"taints": [{"key": "a"}, {"key": "node.kubernetes.io/out-of-service", "effect": effect}]}})
	}
	every node in [{}, {"spec": null}, {"spec": {"taints": null}}, {"spec": {"taints": [{"key": "node.kubernetes.io/unreachable"}]}}] {
		not readiness.out_of_service(node)
	}
}

_node(conditions) := {"status": {"conditions": conditions}}
