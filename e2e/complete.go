package e2e

import (
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Complete fills in what an API server insists on and a case leaves out since it does not matter there: sizes,
// selectors, images. What a case says stays as it is.
func Complete(u *unstructured.Unstructured) {
	o := u.Object
	switch u.GetKind() {
	case "PersistentVolumeClaim":
		completeClaim(child(o, "spec"))
	case "PersistentVolume":
		completeVolume(child(o, "spec"), u.GetName())
	case "StorageClass":
		absent(o, "provisioner", "storage.example.com")
	case "Pod":
		completePod(child(o, "spec"))
		if u.GetAnnotations()["kubernetes.io/config.mirror"] != "" {
			absent(child(o, "spec"), "nodeName", "node")
		}
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job":
		completeWorkload(child(o, "spec"), u.GetKind())
	case "CronJob":
		spec := child(o, "spec")
		absent(spec, "schedule", "0 3 * * *")
		completeWorkload(child(spec, "jobTemplate", "spec"), "Job")
	case "HorizontalPodAutoscaler":
		spec := child(o, "spec")
		absent(spec, "maxReplicas", int64(10))
		if spec["minReplicas"] == int64(0) {
			absent(spec, "metrics", []any{map[string]any{"type": "External", "external": map[string]any{
				"metric": map[string]any{"name": "depth"}, "target": map[string]any{"type": "Value", "value": "1"}}}})
		}
	case "VolumeAttachment":
		spec := child(o, "spec")
		absent(spec, "attacher", "storage.example.com")
		absent(spec, "nodeName", "node")
	}
}

func completeClaim(spec map[string]any) {
	absent(child(spec, "resources", "requests"), "storage", "1Gi")
	absent(spec, "accessModes", []any{"ReadWriteOnce"})
}

func completeVolume(spec map[string]any, name string) {
	absent(child(spec, "capacity"), "storage", "1Gi")
	absent(spec, "accessModes", []any{"ReadWriteOnce"})
	if spec["local"] != nil {
		// The API server wants it of a local volume.
		absent(spec, "nodeAffinity", map[string]any{"required": map[string]any{"nodeSelectorTerms": []any{map[string]any{"matchExpressions": []any{
			map[string]any{"key": "kubernetes.io/hostname", "operator": "In", "values": []any{"node"}},
		}}}}})
	}
	sourced := maps.Clone(spec)
	for _, field := range []string{
		"capacity", "accessModes", "persistentVolumeReclaimPolicy", "claimRef", "storageClassName", "mountOptions", "volumeMode",
		"nodeAffinity", "volumeAttributesClassName",
	} {
		delete(sourced, field)
	}
	if len(sourced) == 0 {
		spec["csi"] = map[string]any{"driver": "storage.example.com", "volumeHandle": name}
	}
}

func completeWorkload(spec map[string]any, kind string) {
	template := child(spec, "template")
	switch kind {
	case "Job":
		absent(child(template, "spec"), "restartPolicy", "Never")
	case "ReplicationController":
		fill(child(template, "metadata", "labels"), child(spec, "selector"))
	default:
		fill(child(template, "metadata", "labels"), child(spec, "selector", "matchLabels"))
	}
	completePod(child(template, "spec"))
	claims, _ := spec["volumeClaimTemplates"].([]any)
	for _, claim := range claims {
		if claim, ok := claim.(map[string]any); ok {
			completeClaim(child(claim, "spec"))
		}
	}
}

// fill makes a workload select its pods, by a label of the test's own where the case has none.
func fill(labels, selector map[string]any) {
	if len(selector) == 0 {
		selector["e2e"] = "pod"
	}
	for key, value := range selector {
		absent(labels, key, value)
	}
}

func completePod(spec map[string]any) {
	if containers, _ := spec["containers"].([]any); len(containers) == 0 {
		spec["containers"] = []any{map[string]any{"name": "main"}}
	}
	for _, field := range []string{"containers", "initContainers", "ephemeralContainers"} {
		containers, _ := spec[field].([]any)
		for i, item := range containers {
			if container, ok := item.(map[string]any); ok {
				absent(container, "name", field[:1]+string(rune('a'+i)))
				absent(container, "image", "registry.example.com/app")
				completeMounts(container)
			}
		}
	}
}

// completeMounts lets a container share mounts with its node, which only a privileged one may.
func completeMounts(container map[string]any) {
	mounts, _ := container["volumeMounts"].([]any)
	for _, item := range mounts {
		if mount, ok := item.(map[string]any); ok && mount["mountPropagation"] == "Bidirectional" {
			absent(child(container, "securityContext"), "privileged", true)
		}
	}
}

// child is the object at the path, made where it is not there.
func child(parent map[string]any, path ...string) map[string]any {
	for _, step := range path {
		next, ok := parent[step].(map[string]any)
		if !ok {
			next = map[string]any{}
			parent[step] = next
		}
		parent = next
	}
	return parent
}

func absent(parent map[string]any, field string, value any) {
	if parent[field] == nil {
		parent[field] = value
	}
}
