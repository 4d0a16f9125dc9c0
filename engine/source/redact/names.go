package redact

import (
	"regexp"
	"slices"
	"strings"
)

// secretNames are parts of names of fields that hold a secret, in lower case and without punctuation.
var secretNames = regexp.MustCompile(`passw|passphrase|pwd|secret|token|credential|kubeconfig|dockerconf|dockercfg|htpasswd|bearer|authorization|cookie|` +
	`(api|access|account|private|shared|storage|encryption|signing|master|session|service|user|sas|ssh|root|admin|client|auth|license|hmac)key|` +
	`connectionstr|connectionuri|connectionurl|connstr|dsn$|^conninfo|conninfo$|databaseurl|jdbcurl|mongouri|^pass$|^auth$|basicauth|certificatedata|keydata|userdata|cloudinit|keytab|seed$|^salt$`)

// harmless are ends of such names that say where a secret is, or how it is treated, and not what it is.
var harmless = regexp.MustCompile(`(name|names|namespace|namespaces|ref|refs|reference|references|selector|selectors|file|path|paths|dir|type|types|class|` +
	`classname|policy|mode|enabled|disabled|required|version|seconds|ttl|duration|period|interval|provider|store|storeref|mount|mounts|volume|` +
	`kind|count|limit|size|rotation|strategy|status|phase|revision|generation)$`)

var punctuation = regexp.MustCompile(`[-_./ ]`)

// sensitive says that a field of that name may hold a secret, also in a map of them. Names repeat.
func (r *Redactor) sensitive(name string) bool {
	known, ok := r.names.Load(name)
	if !ok {
		known, _ = r.names.LoadOrStore(name, names(name))
	}
	return known == true
}

func names(name string) bool {
	name = punctuation.ReplaceAllString(strings.ToLower(name), "")
	return secretNames.MatchString(name) && !harmless.MatchString(name)
}

// references are the fields that lead to a secret and are none.
var references = []string{ //nolint:gochecknoglobals // a table
	"name", "namespace", "kind", "apiVersion", "apiGroup", "group", "key", "secretName", "secretNamespace", "path", "mode",
	"defaultMode", "audience", "expirationSeconds", "type", "phase", "reason",
}

// selects says that a map of that name holds labels.
func selects(name string) bool {
	return slices.Contains([]string{"labels", "matchLabels", "nodeSelector", "selector", "podLabels", "commonLabels", "inheritedLabels"}, name)
}

// label is the value of a label (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/).
var label = regexp.MustCompile(`^[A-Za-z0-9._-]{0,63}$`)

// executes says that a field of that name holds what is run.
func executes(name string) bool {
	name = strings.ToLower(name)
	for _, end := range []string{"command", "commands", "args", "arguments", "script", "scripts", "cmd", "entrypoint", "commandline"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
