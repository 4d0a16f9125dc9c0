# METADATA
# description: |
#   What Helm writes on the objects that it installs, and by which annotations it treats some of them otherwise. What a
#   chart's templates make carries Helm's marks; hooks and what stands in its crds/ carry none.
package lib.helm

# METADATA
# description: |
#   Annotation by which an object of a chart is no part of the release but made and deleted around an event of it.
hook_key := "helm.sh/hook"

# METADATA
# description: Annotation that says when Helm deletes a hook.
delete_policy_key := "helm.sh/hook-delete-policy"

# METADATA
# description: |
#   A release has the object: helm uninstall deletes it, and so does an upgrade to a chart that no longer has it (helm v4
#   pkg/action/validate.go writes and compares the marks). Hooks are not part of the release.
managed(obj) if {
	obj.metadata.labels["app.kubernetes.io/managed-by"] == "Helm"
	release(obj) != ""
	not hook(obj)
}

# METADATA
# description: The name of the release that has the object; "" where none is written.
release(obj) := name if {
	name := obj.metadata.annotations["meta.helm.sh/release-name"]
	is_string(name)
} else := ""

# METADATA
# description: The object is a hook, whatever its events.
hook(obj) if is_string(obj.metadata.annotations[hook_key])

# METADATA
# description: |
#   Events at which Helm makes the object anew; empty for what is no hook, and for a hook of which one event is unknown,
#   since Helm passes over it (helm v4 pkg/release/v1/util/manifest_sorter.go). test-success is Helm 2's word for test.
events(obj) := {object.get({"test-success": "test"}, [event], event) | some event in named} if {
	named := _words(obj, hook_key)
	count(named - _events) == 0
} else := set()

# METADATA
# description: |
#   When Helm deletes the hook: before-hook-creation where nobody says anything (helm v4 pkg/action/hooks.go). An
#   annotation without a word that Helm knows means never.
delete_policies(obj) := _words(obj, delete_policy_key) if {
	is_string(obj.metadata.annotations[delete_policy_key])
} else := {"before-hook-creation"}

_events := {
	"post-delete", "post-install", "post-rollback", "post-upgrade",
	"pre-delete", "pre-install", "pre-rollback", "pre-upgrade",
	"test", "test-success",
}

_words(obj, key) := {lower(trim_space(word)) |
	written := obj.metadata.annotations[key]
	is_string(written)
	some word in split(written, ",")
}
