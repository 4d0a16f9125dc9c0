package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// Process is one server, which writes its output to a file of its name.
type Process struct {
	Name string
	path string
	args []string
	env  []string
	log  string
	cmd  *exec.Cmd
	done chan struct{}
}

// Start runs the process, again when it was stopped; it does not wait until it serves. The kernel ends it with the test.
func (p *Process) Start() error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	defer func() { _ = log.Close() }()
	p.cmd = exec.Command(p.path, p.args...)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Env = log, log, append(os.Environ(), p.env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	p.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait()
		close(done)
	}(p.cmd, p.done)
	return nil
}

// Signal sends the signal to this process alone, by its own id; nothing when it does not run.
func (p *Process) Signal(signal os.Signal) error {
	if p == nil || p.cmd == nil || p.Ended() {
		return nil
	}
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal %s: %w", p.Name, err)
	}
	return nil
}

// Kill ends the process without warning, as a lost node would, and waits until it is gone.
func (p *Process) Kill() error {
	if err := p.Signal(syscall.SIGKILL); err != nil || p == nil || p.done == nil {
		return err
	}
	<-p.done
	return nil
}

// Ended says that the process does not run.
func (p *Process) Ended() bool {
	if p.done == nil {
		return true
	}
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// await asks until ready answers nil; it gives up when the process ends or the context does.
func (p *Process) await(ctx context.Context, ready func(context.Context) error) error {
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		if p.Ended() {
			return fmt.Errorf("%s ended: %s", p.Name, p.tail())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w: %w: %s", p.Name, ctx.Err(), err, p.tail())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (p *Process) tail() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-15):], []byte("\n")))
}

// The ports that servers listen on are below those that the kernel gives to outgoing connections
// (net.ipv4.ip_local_port_range, from 32768): the many connections of other clusters would take one that is still unused.
const (
	firstPort = 18000
	lastPort  = 32767
)

// dealt counts the ports that this process has looked at: clusters that start at the same time get different ones. Where it
// begins keeps two processes apart.
var dealt atomic.Int64

// freePorts are ports on loopback that nobody listens on.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range lastPort - firstPort {
		port := firstPort + (os.Getpid()*97+int(dealt.Add(1)))%(lastPort-firstPort)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("find %d free ports: all from %d to %d are taken", n, firstPort, lastPort)
}

func (c *Cluster) process(name string, args ...string) *Process {
	p := &Process{Name: name, path: filepath.Join(c.binaries, name), args: args, log: filepath.Join(c.folder, name+".log")}
	c.processes = append(c.processes, p)
	return p
}
