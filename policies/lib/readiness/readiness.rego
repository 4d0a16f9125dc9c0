# METADATA
# description: |
#   Whether a node is known to be there, and whether someone has taken it out of service.
package lib.readiness

# METADATA
# description: |
#   The status of the node's condition Ready: "True", "False" or "Unknown"; "" where nobody showed one. False is what
#   a kubelet says that still answers: of one that has stopped, the node controller says Unknown
#   (pkg/controller/nodelifecycle/node_lifecycle_controller.go, tryUpdateNodeHealth).
of(node) := condition(node).status if {
	condition(node).status in {"True", "False", "Unknown"}
} else := ""

# METADATA
# description: The node's condition Ready; undefined where nobody showed one.
condition(node) := [one | some one in node.status.conditions; one.type == "Ready"][0]

# METADATA
# description: |
#   The node carries the taint that says that it is off. Its key decides, whatever its effect
#   (pkg/controller/volume/attachdetach/reconciler/reconciler.go, hasOutOfServiceTaint).
out_of_service(node) if {
	some taint in node.spec.taints
	taint.key == "node.kubernetes.io/out-of-service"
}
