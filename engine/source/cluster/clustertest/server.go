// Package clustertest is an API server for tests: discovery and lists over HTTP, with what goes wrong in real ones.
package clustertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// Resource is a kind that the server has.
type Resource struct {
	Group string
	// Versions, the preferred one first.
	Versions   []string
	Kind, Name string
	Namespaced bool
	// Group2 is a second group that serves the same objects, in the first of the versions.
	Group2 string
}

// Server is one cluster. Fill it before the first request.
type Server struct {
	Resources []Resource
	// Objects are in every version of their kind; apiVersion is that of the answer.
	Objects []map[string]any
	// Status has the code with which lists of a resource fail, by its name, or by NAMESPACE/NAME for lists in one.
	Status map[string]int
	// Expired is how often the second page of a resource is too old, by its name.
	Expired map[string]int
	// Stuck makes a resource repeat its pages.
	Stuck map[string]bool
	// Down are the group/versions whose API server does not answer.
	Down map[string]bool
	// Aggregated makes discovery answer in one document, as API servers do since 1.27.
	Aggregated bool
	// Kubelets have what the proxy to a node answers, by NODE/configz and NODE/stats/summary; what is not there is refused.
	Kubelets map[string]string
	// PageSize bounds a page below what is asked for; 0 does not.
	PageSize int

	mu       sync.Mutex
	requests []string
}

// Start serves on a loopback port; the caller closes it.
func (s *Server) Start() *httptest.Server { return httptest.NewServer(http.HandlerFunc(s.serve)) }

// Kubeconfig writes a file with one context, e2e, whose namespace is shop.
func Kubeconfig(dir, url string) (string, error) {
	path := filepath.Join(dir, "kubeconfig")
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: %q}}]
users: [{name: u, user: {}}]
contexts: [{name: e2e, context: {cluster: c, user: u, namespace: shop}}]
current-context: e2e
`, url)
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// Requests are the paths that were asked for so far, with the query's limit and continue left out.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.URL.Path)
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.Method != http.MethodGet:
		fail(w, http.StatusMethodNotAllowed, "only GET")
	case len(parts) == 1:
		s.groups(w, r, parts[0] == "api")
	case parts[0] == "api":
		s.below(w, r, "", parts[1], parts[2:])
	case len(parts) == 2:
		fail(w, http.StatusNotFound, "no such page")
	default:
		s.below(w, r, parts[1], parts[2], parts[3:])
	}
}

// below answers /VERSION, /VERSION/NAME, /VERSION/namespaces/NS/NAME and /VERSION/namespaces/NAME.
func (s *Server) below(w http.ResponseWriter, r *http.Request, group, version string, rest []string) {
	gv := strings.TrimPrefix(group+"/"+version, "/")
	switch {
	case s.Down[gv]:
		fail(w, http.StatusServiceUnavailable, "the server is currently unable to handle the request")
	case len(rest) == 0:
		answer(w, "", map[string]any{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": gv, "resources": s.resources(group, version)})
	case len(rest) > 3 && rest[0] == "nodes" && rest[2] == "proxy":
		s.kubelet(w, rest[1], strings.Join(rest[3:], "/"))
	case len(rest) == 1:
		s.list(w, r, gv, "", rest[0])
	case len(rest) == 3 && rest[0] == "namespaces":
		s.list(w, r, gv, rest[1], rest[2])
	case len(rest) == 2:
		s.get(w, gv, rest[0], rest[1])
	default:
		fail(w, http.StatusNotFound, "no such page")
	}
}

func (s *Server) kubelet(w http.ResponseWriter, node, path string) {
	text, ok := s.Kubelets[node+"/"+path]
	if !ok {
		fail(w, http.StatusForbidden, fmt.Sprintf("nodes %q is forbidden: User \"dev\" cannot get resource \"nodes/proxy\" in API group \"\" at the cluster scope", node))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err)
	}
}

func (s *Server) find(gv, name string) (Resource, bool) {
	for _, r := range s.Resources {
		for _, v := range r.Versions {
			if r.Name == name && (strings.TrimPrefix(r.Group+"/"+v, "/") == gv || r.Group2 != "" && r.Group2+"/"+v == gv) {
				return r, true
			}
		}
	}
	return Resource{}, false
}

func (s *Server) list(w http.ResponseWriter, r *http.Request, gv, namespace, name string) {
	resource, ok := s.find(gv, name)
	scoped := strings.TrimPrefix(namespace+"/"+name, "/")
	code := s.Status[scoped]
	if namespace == "" && code == 0 {
		code = s.Status[name]
	}
	switch {
	case !ok:
		fail(w, http.StatusNotFound, "the server could not find the requested resource")
		return
	case code == http.StatusForbidden:
		fail(w, code, fmt.Sprintf("%s is forbidden: User \"dev\" cannot list resource %q in API group %q at the cluster scope", name, name, resource.Group))
		return
	case code != 0:
		fail(w, code, http.StatusText(code))
		return
	}
	var items []map[string]any
	for _, o := range s.Objects {
		if o["kind"] == resource.Kind && group(o) == resource.Group && (namespace == "" || meta(o)["namespace"] == namespace) {
			items = append(items, o)
		}
	}
	query := r.URL.Query()
	from, _ := strconv.Atoi(query.Get("continue")) //nolint:errcheck // empty is 0
	limit, _ := strconv.Atoi(query.Get("limit"))   //nolint:errcheck // empty is 0
	if from > 0 && s.Expired[name] > 0 {
		s.Expired[name]--
		fail(w, http.StatusGone, "The provided continue parameter is too old")
		return
	}
	s.page(w, r, gv, resource, items, from, limit)
}

func (s *Server) page(w http.ResponseWriter, r *http.Request, gv string, resource Resource, items []map[string]any, from, limit int) {
	if s.PageSize > 0 {
		limit = min(limit, s.PageSize)
	}
	to := len(items)
	metadata := map[string]any{"resourceVersion": "1"}
	if limit > 0 && from+limit < to {
		to = from + limit
		metadata["continue"] = strconv.Itoa(to)
	}
	if s.Stuck[resource.Name] {
		metadata["continue"] = "1"
	}
	partial := strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList")
	page := []any{}
	for _, o := range items[min(from, to):to] {
		item := map[string]any{}
		for k, v := range o {
			if k != "kind" && k != "apiVersion" && (!partial || k == "metadata") {
				item[k] = v
			}
		}
		page = append(page, item)
	}
	list := map[string]any{"apiVersion": gv, "kind": resource.Kind + "List", "metadata": metadata, "items": page}
	if partial {
		list["apiVersion"], list["kind"] = "meta.k8s.io/v1", "PartialObjectMetadataList"
	}
	answer(w, "", list)
}

func (s *Server) get(w http.ResponseWriter, gv, plural, name string) {
	resource, _ := s.find(gv, plural)
	for _, o := range s.Objects {
		if o["kind"] == resource.Kind && group(o) == resource.Group && meta(o)["name"] == name {
			answer(w, "", o)
			return
		}
	}
	fail(w, http.StatusNotFound, plural+" \""+name+"\" not found")
}

func group(o map[string]any) string {
	version, _ := o["apiVersion"].(string) //nolint:errcheck // a test's own object
	group, _, named := strings.Cut(version, "/")
	if !named {
		return ""
	}
	return group
}

func meta(o map[string]any) map[string]any {
	metadata, _ := o["metadata"].(map[string]any) //nolint:errcheck // a test's own object
	return metadata
}

func answer(w http.ResponseWriter, contentType string, body any) {
	if contentType == "" {
		contentType = "application/json"
	}
	w.Header().Set("Content-Type", contentType)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

func fail(w http.ResponseWriter, code int, message string) {
	reasons := map[int]string{
		http.StatusForbidden: "Forbidden", http.StatusNotFound: "NotFound", http.StatusGone: "Expired",
		http.StatusUnauthorized: "Unauthorized", http.StatusInternalServerError: "InternalError",
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	body := map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reasons[code], "code": code}
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}
