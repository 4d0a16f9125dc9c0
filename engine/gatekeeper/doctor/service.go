package doctor

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	discoveryv1 "k8s.io/api/discovery/v1"
)

// renewedAhead is how long before its end a certificate should have been replaced: Gatekeeper does it 90 days ahead
// (cert-controller pkg/rotator), so one with 30 days left is one that nobody replaces.
const renewedAhead = 30 * 24 * time.Hour

// reachable asks for the webhook's service and for somebody behind it.
func (j *judge) reachable(h *hook) []Gap {
	s := h.ClientConfig.Service
	if s == nil {
		return nil
	}
	name := s.Namespace + "/" + s.Name
	then := "no request is judged, and all that it sends are refused"
	if !h.fails() {
		then = "no request is judged, and all pass"
	}
	var found bool
	for _, service := range j.Services {
		found = found || service.Namespace == s.Namespace && service.Name == s.Name
	}
	switch {
	case s.Namespace != j.Namespace:
		return []Gap{{"service-unread", Unknown, fmt.Sprintf("service %s of webhook %s is not in Gatekeeper's namespace %s, where doctor looks", name, h, j.Namespace), nil}}
	case !found && j.unread("services"):
		return []Gap{{"service-unread", Unknown, "the services could not be read", nil}}
	case !found:
		return []Gap{{"service-missing", Blocks, fmt.Sprintf("service %s of webhook %s does not exist: %s", name, h, then), nil}}
	case j.unread("endpointslices"):
		return []Gap{{"service-unread", Unknown, "the endpoints of the webhook's service could not be read", nil}}
	case !slices.ContainsFunc(j.EndpointSlices, func(e discoveryv1.EndpointSlice) bool { return leads(e, s.Namespace, s.Name) }):
		return []Gap{{"service-without-endpoints", Blocks, fmt.Sprintf("service %s of webhook %s has no ready endpoint: %s", name, h, then), nil}}
	default:
		return nil
	}
}

// leads says that the slice belongs to the service and holds an endpoint that is ready; one that says nothing is
// (discovery.k8s.io/v1 EndpointConditions).
func leads(e discoveryv1.EndpointSlice, namespace, service string) bool {
	return e.Namespace == namespace && e.Labels[discoveryv1.LabelServiceName] == service &&
		slices.ContainsFunc(e.Endpoints, func(p discoveryv1.Endpoint) bool {
			return len(p.Addresses) > 0 && (p.Conditions.Ready == nil || *p.Conditions.Ready)
		})
}

// certificate judges the authorities by which the API server trusts Gatekeeper: one that is valid is enough.
func (j *judge) certificate(h *hook) []Gap {
	bundle := h.ClientConfig.CABundle
	if len(bundle) == 0 && h.ClientConfig.Service == nil {
		return nil // a public address may have a public certificate
	}
	ends, err := lastEnd(bundle, j.Now)
	switch {
	case err != nil:
		return []Gap{{"webhook-certificate", Blocks, fmt.Sprintf("caBundle of webhook %s: %v: the API server cannot trust Gatekeeper", h, err), nil}}
	case !ends.After(j.Now):
		return []Gap{{"webhook-certificate", Blocks, fmt.Sprintf("the caBundle of webhook %s expired on %s: the API server cannot trust Gatekeeper", h, day(ends)), nil}}
	case ends.Before(j.Now.Add(renewedAhead)):
		return []Gap{{"webhook-certificate-expiring", Note, fmt.Sprintf("the caBundle of webhook %s expires on %s, and nobody has replaced it", h, day(ends)), nil}}
	default:
		return nil
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// lastEnd is when the last of the certificates that are valid already ends.
func lastEnd(bundle []byte, now time.Time) (time.Time, error) {
	if len(bytes.TrimSpace(bundle)) == 0 {
		return time.Time{}, errors.New("it is empty")
	}
	var last time.Time
	for rest := bundle; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return time.Time{}, fmt.Errorf("parse certificate: %w", err)
		}
		if !certificate.NotBefore.After(now) && certificate.NotAfter.After(last) {
			last = certificate.NotAfter
		}
	}
	if last.IsZero() {
		return time.Time{}, errors.New("it holds no certificate that is valid yet")
	}
	return last, nil
}
