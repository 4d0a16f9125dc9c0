package redact

import (
	"regexp"
	"strings"
)

// longest is how long a text may be that is shown: names end at 253 characters, paths at 4096 and are much shorter.
const longest = 1024

// shortest is how long what looks like a credential is at least.
const shortest = 12

var (
	// assignment gives a value to a name of a secret, in a connection string, an option, a query or a message.
	assignment = regexp.MustCompile(`(?i)(passw(or)?d|passphrase|pwd|secret|token|credentials?|(api|access|account|private|shared|secret|sas)[_-]?key|signature|\bsig|authorization)["']?\s*[=:]\s*["']?[^\s"']`)
	// userinfo is a user, and perhaps a password, in a URL.
	userinfo = regexp.MustCompile(`//[^/\s@]+@`)
	// credential is what a credential looks like: the keys and tokens that say of themselves what they are.
	credential = regexp.MustCompile(`-----BEGIN|LS0tLS1CRUdJTi|\beyJ[A-Za-z0-9_-]{8,}\.|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[opsu]_[A-Za-z0-9]{20,}|\bgithub_pat_|\bglpat-|\bxox[abprs]-|\bhv[sb]\.[A-Za-z0-9]|\bsk-[A-Za-z0-9]{16,}|(?i)\b(bearer|basic) [A-Za-z0-9+/=._-]{8,}`)
)

// mayBeCredential is for the many texts that are none: to search for words is sooner done than to match.
func mayBeCredential(s string) bool {
	for _, part := range []string{"-----B", "LS0tLS1", "eyJ", "AKIA", "ASIA", "gh", "glpat", "xox", "hvs.", "hvb.", "sk-", "earer ", "asic ", "EARER ", "ASIC "} {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// suspicious says that a text may hold a secret. Programs of Gatekeeper and match conditions of webhooks have several
// lines and are code that policies compare.
func (w walker) suspicious(s string) bool {
	if len(s) < 4 {
		return false
	}
	code := strings.HasSuffix(w.group, ".gatekeeper.sh") || w.group == "admissionregistration.k8s.io"
	if !code && (len(s) > longest || strings.ContainsAny(s, "\n")) {
		return true
	}
	switch {
	case strings.Contains(s, "//") && userinfo.MatchString(s), strings.ContainsAny(s, "=:") && assignment.MatchString(s):
		return true
	default:
		return len(s) > shortest && mayBeCredential(s) && credential.MatchString(s)
	}
}
