// Command flagger-ask calls the first webhook of a Canary as Flagger does, with
// its own code, and prints whether the canary goes on, or what Flagger says.
//
// usage: flagger-ask CANARY VALUES, where the second is a JSON file with the
// metadata of the webhook that the example leaves open.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"

	flagger "github.com/fluxcd/flagger/pkg/apis/flagger/v1beta1"
	"github.com/fluxcd/flagger/pkg/controller"
	"sigs.k8s.io/yaml"
)

type outcome struct {
	GoesOn bool `json:"goesOn"`
	// What Flagger puts into the Canary's Event.
	Message string `json:"message,omitempty"`
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func read(path string, into any) {
	text, err := os.ReadFile(path)
	must(err)
	must(yaml.UnmarshalStrict(text, into))
}

func main() {
	var canary flagger.Canary
	var values map[string]string
	read(os.Args[1], &canary)
	read(os.Args[2], &values)
	webhook := canary.Spec.Analysis.Webhooks[0]
	maps.Copy(*webhook.Metadata, values)
	said := outcome{GoesOn: true}
	if err := controller.CallWebhook(canary, flagger.CanaryPhaseWaiting, webhook); err != nil {
		said = outcome{Message: err.Error()}
	}
	written, err := json.Marshal(said)
	must(err)
	fmt.Println(string(written))
}
