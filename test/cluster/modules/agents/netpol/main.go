// Netpol enforces NetworkPolicies on the node it runs on: the controller of kube-router that k3s embeds too.
package main

import (
	"flag"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/cloudnativelabs/kube-router/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/pkg/options"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

func main() {
	node := flag.String("node", os.Getenv("NODE_NAME"), "name of the node this runs on")
	services := flag.String("service-subnet", "", "CIDR of Service addresses")
	klog.InitFlags(nil)
	flag.Parse()

	api, err := rest.InClusterConfig()
	if err != nil {
		klog.Fatalf("not in a cluster: %v", err)
	}
	client := kubernetes.NewForConfigOrDie(api)
	config := options.NewKubeRouterConfig()
	config.HostnameOverride = *node
	config.ClusterIPCIDR = *services
	config.NodePortRange = "30000-32767"
	config.IPTablesSyncPeriod = 30 * time.Second

	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()
	stop := make(chan struct{})
	factory.Start(stop)
	factory.WaitForCacheSync(stop)

	var ipsets sync.Mutex
	controller, err := netpol.NewNetworkPolicyController(client, config, pods, policies, namespaces, &ipsets)
	if err != nil {
		klog.Fatalf("network policy controller: %v", err)
	}
	for informer, handler := range map[string]func(){
		"pods":       func() { _, err = pods.AddEventHandler(controller.PodEventHandler) },
		"namespaces": func() { _, err = namespaces.AddEventHandler(controller.NamespaceEventHandler) },
		"policies":   func() { _, err = policies.AddEventHandler(controller.NetworkPolicyEventHandler) },
	} {
		if handler(); err != nil {
			klog.Fatalf("watch %s: %v", informer, err)
		}
	}

	// The controller reports heartbeats to kube-router's health server, which does not run here.
	heartbeats := make(chan *healthcheck.ControllerHeartbeat, 10)
	go func() {
		for range heartbeats {
		}
	}()
	var running sync.WaitGroup
	running.Add(1)
	go controller.Run(heartbeats, stop, &running)

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	<-signals
	close(stop)
	running.Wait()
}
