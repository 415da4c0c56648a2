// Command rollouts-measure takes one measurement of a ClusterAnalysisTemplate
// as Argo Rollouts does, with its own code, and prints what it comes to.
//
// usage: rollouts-measure TEMPLATE ARGUMENTS, where the second is a JSON file
// with the values of the arguments that the template leaves open.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/argoproj/argo-rollouts/metricproviders/webmetric"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/utils/defaults"
	template "github.com/argoproj/argo-rollouts/utils/template"
	"github.com/sirupsen/logrus"
	"sigs.k8s.io/yaml"
)

type outcome struct {
	Phase   v1alpha1.AnalysisPhase `json:"phase"`
	Message string                 `json:"message,omitempty"`
	// An analysis ends when there are more errors than this in a row, and rolls back.
	ConsecutiveErrorLimit int32 `json:"consecutiveErrorLimit"`
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

// fill gives the template's one metric with its arguments in it, as
// utils/analysis does, which needs a cluster's clients.
func fill(from v1alpha1.ClusterAnalysisTemplate, values map[string]string) v1alpha1.Metric {
	args := from.Spec.Args
	for i, arg := range args {
		if value, ok := values[arg.Name]; ok {
			args[i] = v1alpha1.Argument{Name: arg.Name, Value: &value}
		}
	}
	written, err := json.Marshal(from.Spec.Metrics[0])
	must(err)
	filled, err := template.ResolveQuotedArgs(string(written), args)
	must(err)
	var metric v1alpha1.Metric
	must(json.Unmarshal([]byte(filled), &metric))
	return metric
}

func main() {
	var from v1alpha1.ClusterAnalysisTemplate
	var values map[string]string
	read(os.Args[1], &from)
	read(os.Args[2], &values)
	metric := fill(from, values)
	client, err := webmetric.NewWebMetricHttpClient(metric)
	must(err)
	parser, err := webmetric.NewWebMetricJsonParser(metric)
	must(err)
	provider := webmetric.NewWebMetricProvider(*logrus.NewEntry(logrus.New()), client, parser)
	measurement := provider.Run(&v1alpha1.AnalysisRun{}, metric)
	written, err := json.Marshal(outcome{
		Phase:                 measurement.Phase,
		Message:               measurement.Message,
		ConsecutiveErrorLimit: defaults.GetConsecutiveErrorLimitOrDefault(&metric),
	})
	must(err)
	fmt.Println(string(written))
}
