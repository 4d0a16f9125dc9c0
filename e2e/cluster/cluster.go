package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Options say how a cluster differs from a usual one.
type Options struct {
	// Verbatim leaves out what would change or remove objects behind a test's back: the controller manager, the
	// admission plugins that write to objects, and authorization.
	Verbatim bool
	// AuditEvery is the time between two audits, in whole seconds.
	AuditEvery time.Duration
}

// Cluster is a control plane with Gatekeeper, and no nodes. Its servers listen on loopback and end with the test.
type Cluster struct {
	// Folder holds the cluster's files: kubeconfigs, certificates, data and logs.
	folder    string
	root      string
	binaries  string
	options   Options
	authority *authority
	ports     ports
	processes []*Process
	// The servers, to kill, stop and start again.
	Etcd, APIServer, Controllers, Gatekeeper *Process
	// Started says how long it took until everything served.
	Started time.Duration
}

type ports struct{ etcd, peer, api, controllers, webhook, health, metrics int }

// Users of every cluster, by the token that names them. Setup makes the objects that a test is about.
const (
	Admin = "admin"
	Setup = "guard-e2e-setup"
	Alice = "alice"
)

const tokens = `admin-token,admin,1,"system:masters"
guard-e2e-setup-token,guard-e2e-setup,2,"system:masters"
alice-token,alice,3,"devs"
controllers-token,system:kube-controller-manager,4,""
`

// Start runs a cluster in the folder, with the stock manifest of Gatekeeper applied, and waits until all of it serves.
// What was started before an error is stopped.
func Start(ctx context.Context, root, folder string, options Options) (*Cluster, error) {
	began := time.Now()
	binaries, err := Binaries(ctx, root)
	if err != nil {
		return nil, err
	}
	c := &Cluster{folder: folder, root: root, binaries: binaries, options: options}
	free, err := freePorts(7)
	if err != nil {
		return nil, err
	}
	c.ports = ports{free[0], free[1], free[2], free[3], free[4], free[5], free[6]}
	if c.authority, err = newAuthority(filepath.Join(folder, "pki")); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{
		c.certify, c.startEtcd, c.startAPIServer, c.startControllers, c.startGatekeeper,
	} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
	}
	c.Started = time.Since(began)
	return c, nil
}

// Stop ends every server of this cluster by its own process id.
func (c *Cluster) Stop() error {
	var problems []error
	for _, p := range c.processes {
		problems = append(problems, p.Kill())
	}
	return errors.Join(problems...)
}

// Path is a file in the cluster's folder.
func (c *Cluster) Path(elements ...string) string {
	return filepath.Join(append([]string{c.folder}, elements...)...)
}

// Binary is the path of a tool that was built with the servers: kubectl, gator.
func (c *Cluster) Binary(name string) string { return filepath.Join(c.binaries, name) }

// BinaryFolder holds all of them.
func (c *Cluster) BinaryFolder() string { return c.binaries }

func (c *Cluster) certify(context.Context) error {
	later := time.Now().Add(24 * time.Hour)
	if err := errors.Join(c.authority.issue("apiserver", later), c.authority.issue("webhook/tls", later)); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Path("audit"), 0o700); err != nil {
		return fmt.Errorf("make audit folder: %w", err)
	}
	if err := os.WriteFile(c.Path("pki", "tokens.csv"), []byte(tokens), 0o600); err != nil {
		return fmt.Errorf("write tokens: %w", err)
	}
	for _, user := range []string{Admin, Setup, Alice, "controllers"} {
		if err := c.writeKubeconfig(user, user+"-token"); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) startEtcd(ctx context.Context) error {
	client, peer := fmt.Sprintf("http://127.0.0.1:%d", c.ports.etcd), fmt.Sprintf("http://127.0.0.1:%d", c.ports.peer)
	c.Etcd = c.process("etcd", "--data-dir", c.Path("data"), "--unsafe-no-fsync", "--log-level", "warn",
		"--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer)
	return c.serve(ctx, c.Etcd, client+"/health")
}

func (c *Cluster) startAPIServer(ctx context.Context) error {
	args := []string{
		fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", c.ports.etcd), "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", c.ports.api), "--tls-cert-file=" + c.Path("pki", "apiserver.crt"),
		"--tls-private-key-file=" + c.Path("pki", "apiserver.key"), "--client-ca-file=" + c.Path("pki", "ca.crt"),
		"--token-auth-file=" + c.Path("pki", "tokens.csv"), "--service-cluster-ip-range=10.0.0.0/24",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=" + c.Path("pki", "sa.key"),
		"--service-account-signing-key-file=" + c.Path("pki", "sa.key"), "--endpoint-reconciler-type=none",
		"--allow-privileged=true", "--profiling=false", "--shutdown-delay-duration=0s",
		"--max-requests-inflight=2000", "--max-mutating-requests-inflight=2000",
	}
	if c.options.Verbatim {
		args = append(args, "--authorization-mode=AlwaysAllow", "--feature-gates=HPAScaleToZero=true", "--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection,"+
			"DefaultTolerationSeconds,TaintNodesByCondition,Priority,DefaultStorageClass,LimitRanger,PodSecurity,RuntimeClass,NamespaceLifecycle")
	} else {
		args = append(args, "--authorization-mode=RBAC")
	}
	c.APIServer = c.process("kube-apiserver", args...)
	return c.serve(ctx, c.APIServer, c.server()+"/readyz")
}

// controllers are those that matter to data, and those that others need to run.
const controllers = "namespace-controller,garbage-collector-controller,serviceaccount-controller,root-ca-certificate-publisher-controller," +
	"clusterrole-aggregation-controller,persistentvolume-binder-controller,persistentvolumeclaim-protection-controller," +
	"persistentvolume-protection-controller,statefulset-controller,replicaset-controller,deployment-controller"

func (c *Cluster) startControllers(context.Context) error {
	if c.options.Verbatim {
		return nil
	}
	kubeconfig := c.Kubeconfig("controllers")
	c.Controllers = c.process("kube-controller-manager", "--kubeconfig="+kubeconfig, "--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", c.ports.controllers), "--leader-elect=false", "--use-service-account-credentials=true",
		"--authentication-kubeconfig="+kubeconfig, "--authorization-kubeconfig="+kubeconfig,
		"--service-account-private-key-file="+c.Path("pki", "sa.key"), "--root-ca-file="+c.Path("pki", "ca.crt"),
		"--pvclaimbinder-sync-period=1s", "--controllers="+controllers)
	return c.Controllers.Start()
}

// serve starts the process and waits until its address answers.
func (c *Cluster) serve(ctx context.Context, p *Process, url string) error {
	if err := p.Start(); err != nil {
		return err
	}
	return c.Await(ctx, p, url)
}

// Await waits at most two minutes until the process answers at its address.
func (c *Cluster) Await(ctx context.Context, p *Process, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	return p.await(ctx, func(ctx context.Context) error {
		_, err := c.Get(ctx, url)
		return err
	})
}

// Ready is the address at which the API server says that it serves.
func (c *Cluster) Ready() string { return c.server() + "/readyz" }

// Get reads an address of one of the servers, as the administrator.
func (c *Cluster) Get(ctx context.Context, url string) ([]byte, error) {
	ca, err := os.ReadFile(c.Path("pki", "ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("read certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", url, err)
	}
	if strings.HasPrefix(url, "https://") {
		request.Header.Set("Authorization", "Bearer admin-token")
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("ask %s: %s: %s", url, response.Status, body)
	}
	return body, err
}

func (c *Cluster) server() string { return fmt.Sprintf("https://127.0.0.1:%d", c.ports.api) }

// Kubeconfig is the path of a user's kubeconfig.
func (c *Cluster) Kubeconfig(user string) string { return c.Path(user + ".kubeconfig") }

func (c *Cluster) writeKubeconfig(user, token string) error {
	config := clientcmdapi.NewConfig()
	config.Clusters["e2e"] = &clientcmdapi.Cluster{Server: c.server(), CertificateAuthority: c.Path("pki", "ca.crt")}
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["e2e"] = &clientcmdapi.Context{Cluster: "e2e", AuthInfo: user}
	config.CurrentContext = "e2e"
	if err := clientcmd.WriteToFile(*config, c.Kubeconfig(user)); err != nil {
		return fmt.Errorf("write kubeconfig of %s: %w", user, err)
	}
	return nil
}

// Config is how a user reaches the cluster, without a limit of the client's own.
func (c *Cluster) Config(user string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig(user))
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig of %s: %w", user, err)
	}
	config.QPS, config.Burst = -1, 0
	config.WarningHandler = rest.NoWarnings{}
	return config, nil
}
