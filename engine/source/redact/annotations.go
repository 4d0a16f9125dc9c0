package redact

import (
	"slices"
	"strings"
)

// copies are annotations that repeat the whole object.
var copies = []string{ //nolint:gochecknoglobals // a table
	"kubectl.kubernetes.io/last-applied-configuration", "objectset.rio.cattle.io/applied", "kapp.k14s.io/original",
	"banzaicloud.com/last-applied", "kopf.zalando.org/last-handled-configuration", "config.k8s.io/owning-inventory-data",
}

// domains are those of annotations that say how an object is stored, deployed and protected.
var domains = []string{ //nolint:gochecknoglobals // a table
	// Storage.
	"pv.kubernetes.io", "volume.kubernetes.io", "volume.beta.kubernetes.io", "volume.alpha.kubernetes.io",
	"storageclass.kubernetes.io", "storageclass.beta.kubernetes.io", "csi.volume.kubernetes.io",
	"snapshot.storage.kubernetes.io", "storage.kubernetes.io", "storage.k8s.io", "cdi.kubevirt.io", "everest.io", "longhorn.io",
	"volumesnapshot.longhorn.io", "rook.io", "backup.velero.io", "velero.io",
	// Deployment.
	"helm.sh", "meta.helm.sh", "argocd.argoproj.io", "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io",
	"config.kubernetes.io", "kustomize.config.k8s.io", "deployment.kubernetes.io", "client.lifecycle.config.k8s.io",
	// Nodes, pods and their controllers.
	"node.kubernetes.io", "node.alpha.kubernetes.io", "statefulset.kubernetes.io", "controller.kubernetes.io",
	"cluster-autoscaler.kubernetes.io", "batch.kubernetes.io", "apps.kruise.io", "apps.pingcap.com", "pingcap.com",
	"tidb.pingcap.com", "federation.pingcap.com", "kubefed.io", "federation.k8s.io",
	// Policies.
	"data-guard.dev", "metadata.gatekeeper.sh", "gatekeeper.sh", "admission.gatekeeper.sh",
}

// single are annotations of domains in which others may hold anything.
var single = []string{ //nolint:gochecknoglobals // a table
	"kubernetes.io/config.mirror", "kubernetes.io/config.source", "kubernetes.io/config.hash", "kubernetes.io/config.seen",
	"kubectl.kubernetes.io/restartedAt", "kubectl.kubernetes.io/default-container",
}

// annotations keeps those that policies and people need.
func (w walker) annotations(m map[string]any) map[string]any {
	kept := make(map[string]any, len(m))
	for key, value := range m {
		domain, _, named := strings.Cut(key, "/")
		switch s, isText := value.(string); {
		case slices.Contains(copies, key):
		case !isText:
			kept[key] = w.hidden(value)
		case named && slices.Contains(domains, domain) || slices.Contains(single, key):
			kept[key] = s
		default:
			kept[key] = w.hide(s)
		}
	}
	return kept
}
