package e2e_test

import (
	"fmt"
	"testing"
	"time"
)

// TestStories tells what happened, or could have, and what guard makes of it, on one cluster.
func TestStories(t *testing.T) {
	t.Parallel()
	s := newSite(t, "strict")
	for _, story := range []struct {
		name string
		tell func(*testing.T, *site)
	}{
		{"a namespace that a second federation host takes along", storyFederation},
		{"claims that a stateful set takes along", storyRetention},
		{"finalizers stripped by hand", storyFinalizers},
		{"a claim that may go", storyApproval},
		{"an exemption with a reason and an end", storyExemption},
		{"a bad volume that was there before", storyOldVolume},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(t, s) })
	}
}

func storyFederation(t *testing.T, s *site) {
	s.applies(t, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: workspaces.tenant.kubesphere.io}
spec:
  group: tenant.kubesphere.io
  scope: Cluster
  names: {kind: Workspace, plural: workspaces, singular: workspace}
  versions:
    - {name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: production}
`)
	s.becomes(t, "the federation's kind is served", "kubectl wait --for=condition=established crd/workspaces.tenant.kubesphere.io -o name", "customresourcedefinition.apiextensions.k8s.io/workspaces.tenant.kubesphere.io")
	s.claim(t, "production", "data", "Delete")
	s.runs(t, `kubectl create -f - <<< '{"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "federated"}}'`)
	own := `kubectl patch namespace production --type=merge -p '{"metadata": {"ownerReferences": [{"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "federated", "uid": "'$(kubectl get workspace federated -o jsonpath={.metadata.uid})'"}]}}'`
	s.denied(t, own, "Namespace production")

	// The owner was there before guard: nobody asked about it then.
	s.before(t, own)
	s.allowed(t, "kubectl delete workspace federated --wait=false")
	s.says(t, s.Controllers, "yncing item", "denied the request", "production")
	s.stays(t, "kubectl get namespace production -o jsonpath={.status.phase}{.metadata.deletionTimestamp}", "Active")
	s.stays(t, "kubectl -n production get pvc data -o jsonpath={.status.phase}{.metadata.deletionTimestamp}", "Bound")
	s.denied(t, "kubectl delete namespace production --wait=false", "Namespace production", "1 claim")
}

func storyRetention(t *testing.T, s *site) {
	for _, name := range []string{"db", "queue"} {
		s.applies(t, fmt.Sprintf(retainedVolume, name))
		s.denied(t, fmt.Sprintf(retainedSet, name), "StatefulSet shop/"+name)
		s.before(t, fmt.Sprintf(retainedSet, name))
		claim := "kubectl -n shop get pvc data-" + name + "-0 -o jsonpath="
		s.becomes(t, "the claim is bound", claim+"{.status.phase}", "Bound")
		s.becomes(t, "the stateful set owns the claim", claim+"{.metadata.ownerReferences[0].kind}", "StatefulSet")
	}
	// It was there before, and whoever mends it is not refused: then the claim stays.
	s.allowed(t, `kubectl -n shop patch statefulset db --type=merge -p '{"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain"}}}'`)
	s.becomes(t, "the claim is nobody's", "kubectl -n shop get pvc data-db-0 -o jsonpath={.metadata.ownerReferences}", "")
	s.allowed(t, "kubectl -n shop delete statefulset db --cascade=background --wait=false")
	s.stays(t, "kubectl -n shop get pvc data-db-0 -o jsonpath={.status.phase}{.metadata.deletionTimestamp}", "Bound")

	// To delete the set is refused as well, since it takes its claim along. Once that was allowed, the garbage collector asks
	// for the claim, and who wants it to be refused takes it from the list.
	s.runs(t, `kubectl patch guardprotectpvcdelete protect-pvc-delete-critical --type=merge -p '{"spec": {"parameters": {"cascadeActors": ["system:serviceaccount:kube-system:namespace-controller"]}}}'`)
	await(t, "all constraints are enforced", func() error { return enforced(t, s.Cluster) })
	queue := "kubectl -n shop delete statefulset queue --cascade=background --wait=false"
	s.denied(t, queue, "StatefulSet shop/queue", "data-queue-0")
	s.runs(t, "kubectl -n shop annotate statefulset queue data-guard.dev/allow-delete="+in(time.Hour))
	s.allowed(t, queue)
	s.says(t, s.Controllers, "denied the request", "data-queue-0")
	s.stays(t, "kubectl -n shop get pvc data-queue-0 -o jsonpath={.status.phase}{.metadata.deletionTimestamp}", "Bound")
	s.runs(t, "kubectl apply --server-side --force-conflicts -k bundle/gatekeeper/overlays/strict")
}

const (
	retainedVolume = `
apiVersion: v1
kind: PersistentVolume
metadata: {name: %[1]s-0}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Delete
  storageClassName: %[1]s
  csi: {driver: storage.example.com, volumeHandle: %[1]s-0}
`
	retainedSet = `kubectl apply -f - <<'END'
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: %[1]s, namespace: shop}
spec:
  replicas: 1
  serviceName: %[1]s
  selector: {matchLabels: {app: %[1]s}}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}
  template:
    metadata: {labels: {app: %[1]s}}
    spec:
      terminationGracePeriodSeconds: 120
      containers:
        - {name: main, image: registry.example.com/app, volumeMounts: [{name: data, mountPath: /data}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], storageClassName: %[1]s, resources: {requests: {storage: 1Gi}}}
END`
)

func storyFinalizers(t *testing.T, s *site) {
	s.claim(t, "shop", "ledger", "Delete")
	strip := `--type=merge -p '{"metadata": {"finalizers": null}}'`
	s.denied(t, "kubectl -n shop patch pvc ledger "+strip, "shop/ledger", "kubernetes.io/pvc-protection")
	s.denied(t, "kubectl -n shop patch pvc ledger --subresource=status "+strip, "shop/ledger", "kubernetes.io/pvc-protection")
	s.denied(t, "kubectl patch pv shop-ledger "+strip, "PersistentVolume shop-ledger")
	s.denied(t, "kubectl patch pv shop-ledger --subresource=status "+strip, "PersistentVolume shop-ledger")
	s.denied(t, `kubectl get namespace shop -o json | sed 's/"kubernetes"$//' | kubectl replace --raw /api/v1/namespaces/shop/finalize -f -`, "Namespace shop")
	// An exemption in the same request is no exemption; one that an earlier request put there is.
	reason := "until=" + time.Now().AddDate(0, 0, 7).UTC().Format(time.DateOnly) + "; by=team-db; reason=the driver is gone"
	exempt := `"annotations": {"data-guard.dev/exempt.protective-finalizer-removed": "` + reason + `"}`
	s.denied(t, `kubectl -n shop patch pvc ledger --type=merge -p '{"metadata": {"finalizers": null, `+exempt+`}}'`, "shop/ledger")
	s.allowed(t, `kubectl -n shop patch pvc ledger --type=merge -p '{"metadata": {`+exempt+`}}'`)
	s.allowed(t, "kubectl -n shop patch pvc ledger "+strip)
}

func storyApproval(t *testing.T, s *site) {
	s.claim(t, "shop", "cart", "Delete")
	remove := "kubectl -n shop delete pvc cart --wait=false"
	approve := func(until string) string {
		return "kubectl -n shop annotate --overwrite pvc cart data-guard.dev/allow-delete=" + until
	}
	s.denied(t, remove, "shop/cart", "reclaim policy Delete")
	s.denied(t, "kubectl -n shop delete pvc --all --wait=false", "shop/")
	s.allowed(t, approve(in(2*time.Second)))
	time.Sleep(3 * time.Second)
	s.denied(t, remove, "expired at")
	s.allowed(t, approve(in(48*time.Hour)))
	s.denied(t, remove, "more than 24 hours away")
	s.allowed(t, approve("soon"))
	s.denied(t, remove, "not an RFC 3339 time")
	s.allowed(t, approve(in(time.Hour)))
	s.allowed(t, remove)
	s.becomes(t, "the claim is gone", "kubectl -n shop get pvc cart --ignore-not-found -o name", "")
}

func storyExemption(t *testing.T, s *site) {
	volume := func(name, exemption string) string {
		return "kubectl create -f - <<'END'\n" + `{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "` + name +
			`", "annotations": {"data-guard.dev/exempt.pv-reclaim-recycle": "` + exemption + `"}}, "spec": {"capacity": {"storage": "1Gi"},
			"accessModes": ["ReadWriteMany"], "persistentVolumeReclaimPolicy": "Recycle", "nfs": {"server": "192.0.2.11", "path": "/exports/` + name + `"}}}` + "\nEND"
	}
	day := func(days int) string { return time.Now().AddDate(0, 0, days).UTC().Format(time.DateOnly) }
	s.denied(t, volume("scratch", "until="+day(-1)+"; by=team-ci; reason=scratch space"), "PersistentVolume scratch")
	s.denied(t, volume("scratch", "until="+day(30)+"; by=team-ci"), "PersistentVolume scratch")
	s.denied(t, volume("scratch", "until="+day(400)+"; by=team-ci; reason=scratch space"), "PersistentVolume scratch")
	s.allowed(t, volume("scratch", "until="+day(30)+"; by=team-ci; reason=scratch space"))
}

func storyOldVolume(t *testing.T, s *site) {
	s.allowed(t, "kubectl label pv old-nfs team=shop")
	s.denied(t, `kubectl create -f - <<< '{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "new-nfs"}, "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteMany"], "persistentVolumeReclaimPolicy": "Recycle", "nfs": {"server": "192.0.2.10", "path": "/exports/new"}}}'`,
		"PersistentVolume new-nfs")
	s.applies(t, `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: old, namespace: shop}
spec: {accessModes: [ReadWriteMany], storageClassName: old, resources: {requests: {storage: 1Gi}}}
`)
	s.becomes(t, "the controller has bound it", "kubectl -n shop get pvc old -o jsonpath={.status.phase}/{.spec.volumeName}", "Bound/old-nfs")
	s.denied(t, "kubectl -n shop delete pvc old --wait=false", "reclaim policy Recycle")
	s.allowed(t, "kubectl -n shop annotate pvc old data-guard.dev/allow-delete="+in(time.Hour))
	s.allowed(t, "kubectl -n shop delete pvc old --wait=false")
	s.becomes(t, "controllers have finalized the claim", "kubectl -n shop get pvc old --ignore-not-found -o name", "")
	s.allowed(t, "kubectl delete pv old-nfs --wait=false")
	s.becomes(t, "controllers have finalized the volume", "kubectl get pv old-nfs --ignore-not-found -o name", "")
}
