// Device-plugin stands in for NVIDIA's device plugin on nodes without a GPU. It speaks the kubelet's real device
// plugin API (v1beta1): it registers nvidia.com/gpu, lists devices that exist only by name, and grants them to
// containers as NVIDIA_VISIBLE_DEVICES, as the real one does with its `envvar` strategy.
//
// The number of devices is read from a file of the node, because the DaemonSet is the chart's own and is the same
// for every node: line "4" in /var/lib/kubelet/device-plugins/berth/gpus (in a folder, because a starting kubelet
// deletes every file beside its socket). No file: no devices.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

const (
	resource  = "nvidia.com/gpu"
	endpoint  = "berth-nvidia-gpu.sock"
	countFile = "berth/gpus"
)

type plugin struct {
	api.UnimplementedDevicePluginServer
	devices []*api.Device
	done    <-chan struct{}
}

func (p *plugin) GetDevicePluginOptions(context.Context, *api.Empty) (*api.DevicePluginOptions, error) {
	return &api.DevicePluginOptions{}, nil
}

// ListAndWatch answers once and then stays open: the kubelet takes the end of the stream for the end of the devices.
func (p *plugin) ListAndWatch(_ *api.Empty, stream api.DevicePlugin_ListAndWatchServer) error {
	if err := stream.Send(&api.ListAndWatchResponse{Devices: p.devices}); err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-stream.Context().Done():
	}
	return nil
}

func (p *plugin) Allocate(_ context.Context, request *api.AllocateRequest) (*api.AllocateResponse, error) {
	response := &api.AllocateResponse{}
	for _, container := range request.GetContainerRequests() {
		response.ContainerResponses = append(response.ContainerResponses, &api.ContainerAllocateResponse{
			Envs: map[string]string{"NVIDIA_VISIBLE_DEVICES": strings.Join(container.GetDevicesIds(), ",")},
		})
	}
	return response, nil
}

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	for ctx.Err() == nil {
		if err := serve(ctx); err != nil {
			log.Printf("device plugin: %v; again in a second", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// serve registers once and returns when the kubelet restarts, which deletes every plugin's socket.
func serve(ctx context.Context) error {
	devices, err := countedDevices()
	if err != nil {
		return err
	}
	socket := filepath.Join(api.DevicePluginPath, endpoint)
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	gone := make(chan struct{})
	server := grpc.NewServer()
	api.RegisterDevicePluginServer(server, &plugin{devices: devices, done: gone})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	defer close(gone)

	if err := register(ctx); err != nil {
		return err
	}
	log.Printf("registered %d x %s", len(devices), resource)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
		if _, err := os.Stat(socket); errors.Is(err, os.ErrNotExist) {
			log.Print("the kubelet restarted: registering again")
			return nil
		}
	}
}

func register(ctx context.Context) error {
	connection, err := grpc.NewClient("unix://"+api.KubeletSocket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	call, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err = api.NewRegistrationClient(connection).Register(call, &api.RegisterRequest{
		Version: api.Version, Endpoint: endpoint, ResourceName: resource, Options: &api.DevicePluginOptions{},
	})
	return err
}

func countedDevices() ([]*api.Device, error) {
	file := filepath.Join(api.DevicePluginPath, countFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	count, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || count < 0 {
		return nil, fmt.Errorf("%s: %q is not a number of devices", file, text)
	}
	devices := make([]*api.Device, count)
	for i := range devices {
		devices[i] = &api.Device{ID: fmt.Sprintf("GPU-berth-%d", i), Health: api.Healthy}
	}
	return devices, nil
}
