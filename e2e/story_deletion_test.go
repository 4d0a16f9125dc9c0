package e2e_test

import (
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
	s.runs(t, "kubectl patch validatingwebhookconfiguration gatekeeper-validating-webhook-configuration --type=json -p '[{\"op\": \"add\", \"path\": \"/webhooks/0/matchConditions/-\", \"value\": {\"name\": \"before-guard\", \"expression\": \"request.userInfo.username != 'admin'\"}}]'")
	await(t, "the owner is set", func() error {
		_, err := s.runsOrNot(t, own)
		return err
	})
	s.runs(t, "kubectl patch validatingwebhookconfiguration gatekeeper-validating-webhook-configuration --type=strategic -p '{\"webhooks\": [{\"name\": \"validation.gatekeeper.sh\", \"matchConditions\": [{\"name\": \"before-guard\", \"$patch\": \"delete\"}]}]}'")

	s.allowed(t, "kubectl delete workspace federated --wait=false")
	s.says(t, s.Controllers, "garbage", "denied the request", "production")
	s.stays(t, "kubectl get namespace production -o jsonpath={.status.phase}{.metadata.deletionTimestamp}", "Active")
	s.stays(t, "kubectl -n production get pvc data -o jsonpath={.status.phase}{.metadata.deletionTimestamp}", "Bound")
	s.denied(t, "kubectl delete namespace production --wait=false", "Namespace production", "production/data")
}

func storyRetention(t *testing.T, s *site) {
	s.applies(t, `
apiVersion: v1
kind: PersistentVolume
metadata: {name: db-0}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Delete
  storageClassName: db
  csi: {driver: storage.example.com, volumeHandle: db-0}
`)
	set := `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  replicas: 1
  serviceName: db
  selector: {matchLabels: {app: db}}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 120
      containers:
        - {name: db, image: registry.example.com/db, volumeMounts: [{name: data, mountPath: /data}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], storageClassName: db, resources: {requests: {storage: 1Gi}}}
`
	s.denied(t, "kubectl apply -f - <<'END'"+set+"END", "StatefulSet shop/db")
	s.runs(t, "kubectl delete -k bundle/gatekeeper/overlays/strict -l data-guard.dev/policy=sts-pvc-retention-delete")
	await(t, "the stateful set is taken while its own policy is away", func() error {
		_, err := s.as(t, "kubectl apply -f - <<'END'"+set+"END")
		return err
	})
	s.becomes(t, "the claim is bound", "kubectl -n shop get pvc data-db-0 -o jsonpath={.status.phase}", "Bound")
	s.becomes(t, "the stateful set owns the claim", "kubectl -n shop get pvc data-db-0 -o jsonpath={.metadata.ownerReferences[0].kind}", "StatefulSet")
	s.allowed(t, "kubectl -n shop delete statefulset db --cascade=background --wait=false")
	s.says(t, s.Controllers, "garbage", "denied the request", "data-db-0")
	s.stays(t, "kubectl -n shop get pvc data-db-0 -o jsonpath={.status.phase}{.metadata.deletionTimestamp}", "Bound")
	s.runs(t, "kubectl apply --server-side -k bundle/gatekeeper/overlays/strict")
	await(t, "all constraints are enforced", func() error { return enforced(t, s.Cluster) })
}

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
