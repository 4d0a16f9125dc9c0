# METADATA
# description: |
#   The labels and annotations by which who deploys an object is told to leave it alone: Helm, Argo CD and Flux. They
#   bind the tool that reads them and nobody else: kubectl delete takes an object all the same.
package lib.keeping

# METADATA
# description: |
#   Annotation by which helm upgrade and helm uninstall leave an object alone. An upgrade compares the live object's value
#   exactly (helm v4 pkg/kube/client.go); an object inside a List has no annotation that Helm would see.
helm_key := "helm.sh/resource-policy"

# METADATA
# description: Annotation with Argo CD's options for one object, separated by commas.
argo_key := "argocd.argoproj.io/sync-options"

# METADATA
# description: Label or annotation by which Flux's kustomize-controller never deletes an object.
flux_key := "kustomize.toolkit.fluxcd.io/prune"

# METADATA
# description: Helm leaves the object alone when a release no longer has it, and when the release goes.
helm(obj) if obj.metadata.annotations[helm_key] == "keep"

# METADATA
# description: Argo CD does not prune the object by itself when git no longer has it; false and confirm both stop it.
argo_prune(obj) if count(object.get(options(obj), "Prune", set()) & {"false", "confirm"}) > 0

# METADATA
# description: Argo CD does not delete the object by itself with its Application; false and confirm both stop it.
argo_delete(obj) if count(object.get(options(obj), "Delete", set()) & {"false", "confirm"}) > 0

# METADATA
# description: Flux does not delete the object, when git no longer has it or the Kustomization goes.
flux(obj) if obj.metadata.annotations[flux_key] == "disabled"

flux(obj) if obj.metadata.labels[flux_key] == "disabled"

# METADATA
# description: |
#   To take the object out of the manifests deletes nothing: who deploys it was told to keep it.
survives_removal(obj) if helm(obj)

survives_removal(obj) if argo_prune(obj)

survives_removal(obj) if flux(obj)

# METADATA
# description: |
#   Argo CD's options of an object, by name, with all values that stand there. {} where there are none.
options(obj) := {name: values |
	some [name, _] in _options(obj)
	values := {value | some [other, value] in _options(obj); other == name}
}

_options(obj) := {[name, value] |
	written := obj.metadata.annotations[argo_key]
	is_string(written)
	some option in split(written, ",")
	[name, value] := split(trim_space(option), "=")
}
