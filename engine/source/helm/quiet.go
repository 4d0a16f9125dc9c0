package helm

import (
	"io"
	"log"
	"log/slog"
	"sync"
)

// silence counts the renders under way: Helm logs to the process's loggers and takes no other.
var silence struct { //nolint:gochecknoglobals // the loggers that it guards are the process's
	sync.Mutex

	renders int
	slog    *slog.Logger
	writer  io.Writer
	flags   int
}

// quiet turns the process's default loggers off until the last of the renders that asked for it calls what it returns.
func quiet() (restore func()) {
	silence.Lock()
	defer silence.Unlock()
	if silence.renders++; silence.renders == 1 {
		silence.slog, silence.writer, silence.flags = slog.Default(), log.Writer(), log.Flags() //nolint:forbidigo // kept to be restored
		slog.SetDefault(slog.New(slog.DiscardHandler))
	}
	return func() {
		silence.Lock()
		defer silence.Unlock()
		if silence.renders--; silence.renders == 0 {
			slog.SetDefault(silence.slog)
			log.SetOutput(silence.writer) //nolint:forbidigo // slog.SetDefault has redirected it
			log.SetFlags(silence.flags)   //nolint:forbidigo // slog.SetDefault has changed them
		}
	}
}
