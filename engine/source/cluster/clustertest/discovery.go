package clustertest

import (
	"net/http"
	"slices"
	"strings"
)

// aggregated is the content type of discovery in one document.
const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

// Builtin are the kinds of Kubernetes itself that storage policies know.
func Builtin() []Resource {
	return []Resource{
		{Versions: []string{"v1"}, Kind: "Namespace", Name: "namespaces"},
		{Versions: []string{"v1"}, Kind: "Node", Name: "nodes"},
		{Versions: []string{"v1"}, Kind: "PersistentVolume", Name: "persistentvolumes"},
		{Versions: []string{"v1"}, Kind: "PersistentVolumeClaim", Name: "persistentvolumeclaims", Namespaced: true},
		{Versions: []string{"v1"}, Kind: "Pod", Name: "pods", Namespaced: true},
		{Versions: []string{"v1"}, Kind: "ReplicationController", Name: "replicationcontrollers", Namespaced: true},
		{Versions: []string{"v1"}, Kind: "Secret", Name: "secrets", Namespaced: true},
		{Group: "apps", Versions: []string{"v1"}, Kind: "DaemonSet", Name: "daemonsets", Namespaced: true},
		{Group: "apps", Versions: []string{"v1"}, Kind: "Deployment", Name: "deployments", Namespaced: true},
		{Group: "apps", Versions: []string{"v1"}, Kind: "ReplicaSet", Name: "replicasets", Namespaced: true},
		{Group: "apps", Versions: []string{"v1"}, Kind: "StatefulSet", Name: "statefulsets", Namespaced: true},
		{Group: "autoscaling", Versions: []string{"v2", "v1"}, Kind: "HorizontalPodAutoscaler", Name: "horizontalpodautoscalers", Namespaced: true},
		{Group: "batch", Versions: []string{"v1"}, Kind: "CronJob", Name: "cronjobs", Namespaced: true},
		{Group: "batch", Versions: []string{"v1"}, Kind: "Job", Name: "jobs", Namespaced: true},
		{Group: "storage.k8s.io", Versions: []string{"v1"}, Kind: "StorageClass", Name: "storageclasses"},
		{Group: "storage.k8s.io", Versions: []string{"v1"}, Kind: "VolumeAttachment", Name: "volumeattachments"},
	}
}

func (s *Server) groups(w http.ResponseWriter, r *http.Request, core bool) {
	if s.Aggregated && strings.Contains(r.Header.Get("Accept"), "as=APIGroupDiscoveryList") {
		s.aggregate(w, core)
		return
	}
	if core {
		answer(w, "", map[string]any{"kind": "APIVersions", "apiVersion": "v1", "versions": []any{"v1"}})
		return
	}
	groups := []any{}
	for _, name := range s.names() {
		if name == "" {
			continue
		}
		versions := []any{}
		for _, v := range s.versions(name) {
			versions = append(versions, map[string]any{"groupVersion": name + "/" + v, "version": v})
		}
		groups = append(groups, map[string]any{"name": name, "versions": versions, "preferredVersion": versions[0]})
	}
	answer(w, "", map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

func (s *Server) aggregate(w http.ResponseWriter, core bool) {
	items := []any{}
	for _, name := range s.names() {
		if (name == "") != core {
			continue
		}
		versions := []any{}
		for _, v := range s.versions(name) {
			version := map[string]any{"version": v, "freshness": "Current"}
			if s.Down[strings.TrimPrefix(name+"/"+v, "/")] {
				version["freshness"] = "Stale"
			} else {
				version["resources"] = s.aggregatedResources(name, v)
			}
			versions = append(versions, version)
		}
		items = append(items, map[string]any{"metadata": map[string]any{"name": name}, "versions": versions})
	}
	answer(w, aggregated, map[string]any{"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": map[string]any{}, "items": items})
}

func (s *Server) names() []string {
	names := []string{""}
	for _, r := range s.Resources {
		for _, name := range []string{r.Group, r.Group2} {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func (s *Server) versions(group string) []string {
	var versions []string
	for _, r := range s.Resources {
		for _, v := range r.Versions {
			if (r.Group == group || r.Group2 == group) && !slices.Contains(versions, v) {
				versions = append(versions, v)
			}
		}
	}
	return versions
}

func (s *Server) each(group, version string, add func(Resource)) {
	for _, r := range s.Resources {
		if (r.Group == group || r.Group2 != "" && r.Group2 == group) && slices.Contains(r.Versions, version) {
			add(r)
		}
	}
}

// resources also names a subresource of another kind and one that cannot be listed, as real servers do.
func (s *Server) resources(group, version string) []any {
	list := []any{map[string]any{"name": "reviews", "kind": "Review", "namespaced": true, "verbs": []any{"create"}}}
	s.each(group, version, func(r Resource) {
		list = append(list,
			map[string]any{"name": r.Name, "kind": r.Kind, "namespaced": r.Namespaced, "verbs": []any{"get", "list"}},
			map[string]any{"name": r.Name + "/scale", "kind": "Scale", "group": "autoscaling", "namespaced": r.Namespaced, "verbs": []any{"get", "list"}})
	})
	return list
}

func (s *Server) aggregatedResources(group, version string) []any {
	list := []any{}
	s.each(group, version, func(r Resource) {
		scope := "Cluster"
		if r.Namespaced {
			scope = "Namespaced"
		}
		list = append(list, map[string]any{
			"resource": r.Name, "scope": scope, "verbs": []any{"get", "list"},
			"responseKind": map[string]any{"group": group, "version": version, "kind": r.Kind},
			"subresources": []any{map[string]any{"subresource": "scale", "verbs": []any{"get"}, "responseKind": map[string]any{"group": "autoscaling", "version": "v1", "kind": "Scale"}}},
		})
	})
	return list
}
