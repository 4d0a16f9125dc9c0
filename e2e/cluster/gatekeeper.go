package cluster

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// startGatekeeper applies Gatekeeper's own manifest and runs the process that its Deployment would run.
func (c *Cluster) startGatekeeper(ctx context.Context) error {
	text, err := manifest(ctx, c.root, "deploy/gatekeeper.yaml")
	if err != nil {
		return err
	}
	objects, err := Objects(text)
	if err != nil {
		return err
	}
	clients, err := c.Clients(Setup)
	if err != nil {
		return err
	}
	var webhooks []*unstructured.Unstructured
	for _, object := range objects {
		if strings.HasSuffix(object.GetKind(), "WebhookConfiguration") {
			webhooks = append(webhooks, object)
			continue
		}
		if err := clients.Apply(ctx, object); err != nil {
			return err
		}
	}
	if err := c.runGatekeeper(ctx, clients); err != nil {
		return err
	}
	for _, object := range webhooks {
		if object.GetKind() != "ValidatingWebhookConfiguration" {
			continue
		}
		if err := c.pointAtProcess(object); err != nil {
			return err
		}
		if err := clients.Apply(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

// runGatekeeper needs a Pod object that is never scheduled: Gatekeeper makes it the owner of its status objects, and
// the garbage collector deletes them, again and again, when their owner is not there.
func (c *Cluster) runGatekeeper(ctx context.Context, clients *Clients) error {
	pod := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": "gatekeeper-0", "namespace": "gatekeeper-system"},
		"spec": map[string]any{
			"serviceAccountName": "gatekeeper-admin",
			"securityContext":    map[string]any{"runAsNonRoot": true, "seccompProfile": map[string]any{"type": "RuntimeDefault"}},
			"containers": []any{map[string]any{
				"name": "manager", "image": "registry.invalid/gatekeeper:" + GatekeeperVersion,
				"securityContext": map[string]any{"allowPrivilegeEscalation": false, "capabilities": map[string]any{"drop": []any{"ALL"}}},
			}},
		},
	}}
	if err := clients.Apply(ctx, pod); err != nil {
		return err
	}
	token, err := output(ctx, c.folder, c.Binary("kubectl"), "--kubeconfig", c.Kubeconfig(Admin), "-n", "gatekeeper-system", "create", "token", "gatekeeper-admin", "--duration=24h")
	if err != nil {
		return err
	}
	if err := c.writeKubeconfig("gatekeeper", strings.TrimSpace(token)); err != nil {
		return err
	}
	c.Gatekeeper = c.process("gatekeeper", "--kubeconfig="+c.Kubeconfig("gatekeeper"), "--host=127.0.0.1",
		fmt.Sprintf("--port=%d", c.ports.webhook), "--cert-dir="+c.Path("pki", "webhook"), "--disable-cert-rotation",
		fmt.Sprintf("--health-addr=127.0.0.1:%d", c.ports.health), fmt.Sprintf("--prometheus-port=%d", c.ports.metrics),
		"--operation=webhook", "--operation=audit", "--operation=status", "--operation=generate",
		"--audit-interval="+strconv.Itoa(int(c.options.AuditEvery/time.Second)), "--audit-match-kind-only=true",
		"--constraint-violations-limit=500", "--api-cache-dir="+c.Path("audit"), "--exempt-namespace=gatekeeper-system",
		"--disable-opa-builtin={http.send}", "--shutdown-delay=0")
	c.Gatekeeper.env = []string{"POD_NAME=gatekeeper-0", "POD_NAMESPACE=gatekeeper-system"}
	return c.serve(ctx, c.Gatekeeper, c.GatekeeperReady())
}

// GatekeeperReady is the address at which Gatekeeper says that it has taken in what was there before.
func (c *Cluster) GatekeeperReady() string {
	return fmt.Sprintf("http://127.0.0.1:%d/readyz", c.ports.health)
}

// Metrics of Gatekeeper, in Prometheus' text form.
func (c *Cluster) Metrics(ctx context.Context) (string, error) {
	text, err := c.Get(ctx, fmt.Sprintf("http://127.0.0.1:%d/metrics", c.ports.metrics))
	return string(text), err
}

// pointAtProcess replaces the service, which no kubelet runs, by the process.
func (c *Cluster) pointAtProcess(configuration *unstructured.Unstructured) error {
	ca, err := os.ReadFile(c.Path("pki", "ca.crt"))
	if err != nil {
		return fmt.Errorf("read certificate authority: %w", err)
	}
	webhooks, _, err := unstructured.NestedSlice(configuration.Object, "webhooks")
	if err != nil {
		return fmt.Errorf("read webhooks: %w", err)
	}
	for _, webhook := range webhooks {
		hook, ok := webhook.(map[string]any)
		if !ok {
			return errors.New("read webhooks: one is no object")
		}
		path, _, err := unstructured.NestedString(hook, "clientConfig", "service", "path")
		if err != nil {
			return fmt.Errorf("read webhooks: %w", err)
		}
		hook["clientConfig"] = map[string]any{
			"url":      fmt.Sprintf("https://127.0.0.1:%d%s", c.ports.webhook, path),
			"caBundle": base64.StdEncoding.EncodeToString(ca),
		}
	}
	return unstructured.SetNestedSlice(configuration.Object, webhooks, "webhooks")
}

// ExpireCertificate gives Gatekeeper's webhook a certificate that is out of date, or a good one again.
func (c *Cluster) ExpireCertificate(expired bool) error {
	until := time.Now().Add(24 * time.Hour)
	if expired {
		until = time.Now().Add(-time.Minute)
	}
	return c.authority.issue("webhook/tls", until)
}
