package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/data-guard/guard/e2e"
	"github.com/data-guard/guard/e2e/cluster"
)

// TestFaults breaks something while a thousand protected claims are deleted at once: not one may go.
func TestFaults(t *testing.T) {
	const claims = 1000
	s := newSite(t, "recommended")
	names := s.shelf(t, claims)
	clients, err := s.Clients(cluster.Alice)
	if err != nil {
		t.Fatal(err)
	}
	var bursts []e2e.Burst
	for _, fault := range s.faults(t) {
		t.Run(fault.name, func(t *testing.T) {
			burst, err := e2e.DeleteAll(t.Context(), clients, "shelf", names, fault.breaks)
			if err != nil {
				t.Fatal(err)
			}
			if err := fault.mend(); err != nil {
				t.Fatal(err)
			}
			s.refuses(t, names[0])
			gone, err := e2e.Gone(t.Context(), clients, "shelf", names)
			if err != nil {
				t.Fatal(err)
			}
			burst.Fault, burst.Lost = fault.name, len(gone)
			if burst.Sent != claims || burst.Deleted > 0 || burst.Lost > 0 {
				t.Errorf("of %d claims, %d were sent, %d deletions went through, %d are gone", claims, burst.Sent, burst.Deleted, burst.Lost)
			}
			bursts = append(bursts, burst)
		})
	}
	if err := e2e.PrintBursts(os.Stdout, bursts); err != nil {
		t.Error(err)
	}
}

// fault is what breaks during a burst, and what mends it afterwards.
type fault struct {
	name         string
	breaks, mend func() error
}

func (s *site) faults(t *testing.T) []fault {
	t.Helper()
	nothing := func() error { return nil }
	restart := func(p *cluster.Process, ready func() string) func() error {
		return func() error {
			if p.Ended() {
				if err := p.Start(); err != nil {
					return err
				}
			}
			return s.Await(t.Context(), p, ready())
		}
	}
	back := func(p *cluster.Process) func() error {
		return func() error {
			if err := p.Kill(); err != nil {
				return err
			}
			return p.Start()
		}
	}
	shell := func(commands string) func() error {
		return func() error {
			out, err := e2e.Shell(t.Context(), s.Cluster, root, commands)
			if err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		}
	}
	gatekeeper := restart(s.Gatekeeper, s.GatekeeperReady)
	return []fault{
		{"nothing breaks", nothing, nothing},
		{"Gatekeeper killed", s.Gatekeeper.Kill, gatekeeper},
		{"Gatekeeper hung", func() error { return s.Gatekeeper.Signal(syscall.SIGSTOP) }, func() error { return s.Gatekeeper.Signal(syscall.SIGCONT) }},
		{"Gatekeeper restarted", back(s.Gatekeeper), gatekeeper},
		{"template replaced", shell(`for n in 1 2 3; do
			sed "s/^          package protect_pvc_delete/          # edition $n\n&/" bundle/gatekeeper/templates/protect-pvc-delete.yaml | kubectl apply --server-side --force-conflicts -f -; done`),
			shell("kubectl apply --server-side --force-conflicts -k bundle/gatekeeper/templates")},
		{"another template deleted and made again", shell(`kubectl delete -f bundle/gatekeeper/templates/protect-namespace-delete.yaml
			kubectl apply --server-side --force-conflicts -k bundle/gatekeeper/templates`), func() error {
			time.Sleep(2 * time.Second)
			return shell("kubectl apply --server-side --force-conflicts -k bundle/gatekeeper/overlays/recommended")()
		}},
		{"certificate expired", func() error {
			if err := s.ExpireCertificate(true); err != nil {
				return err
			}
			// Open connections outlive a certificate; a lost node closes them.
			return back(s.Gatekeeper)()
		}, func() error {
			if err := s.ExpireCertificate(false); err != nil {
				return err
			}
			if err := s.Gatekeeper.Kill(); err != nil {
				return err
			}
			return gatekeeper()
		}},
		{"API server restarted", back(s.APIServer), restart(s.APIServer, s.Ready)},
	}
}

// shelf stores bound claims with volumes that would go with them, and waits until guard knows the last one.
func (s *site) shelf(t *testing.T, n int) []string {
	t.Helper()
	s.runs(t, "kubectl create namespace shelf")
	store, err := s.Store()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range n {
		name := fmt.Sprintf("data-%d", i)
		names = append(names, name)
		objects, err := cluster.Objects(fmt.Appendf(nil, bound, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			if _, err := store.Put(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.refuses(t, names[0])
	s.refuses(t, names[n-1])
	return names
}

// refuses waits until guard refuses the claim's deletion, and knows its volume.
func (s *site) refuses(t *testing.T, name string) {
	t.Helper()
	await(t, "guard refuses to delete "+name, func() error {
		out, err := s.as(t, "kubectl -n shelf delete pvc "+name+" --dry-run=server")
		if !strings.Contains(out, "reclaim policy Delete") {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
}

const bound = `
apiVersion: v1
kind: PersistentVolume
metadata:
  name: %[1]s
  uid: volume-%[1]s
  creationTimestamp: "2026-01-01T00:00:00Z"
  annotations: {pv.kubernetes.io/bound-by-controller: "yes"}
  finalizers: [kubernetes.io/pv-protection]
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Delete
  storageClassName: shelf
  csi: {driver: storage.example.com, volumeHandle: %[1]s}
  claimRef: {apiVersion: v1, kind: PersistentVolumeClaim, namespace: shelf, name: %[1]s, uid: claim-%[1]s}
status: {phase: Bound}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: %[1]s
  namespace: shelf
  uid: claim-%[1]s
  creationTimestamp: "2026-01-01T00:00:00Z"
  annotations: {pv.kubernetes.io/bind-completed: "yes"}
  finalizers: [kubernetes.io/pvc-protection]
spec: {accessModes: [ReadWriteOnce], storageClassName: shelf, volumeName: %[1]s, resources: {requests: {storage: 1Gi}}}
status: {phase: Bound, accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}}
`
