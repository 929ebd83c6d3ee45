package io.seine.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.cli.Table;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/**
 * The outcome of one benchmark.
 *
 * @param name as on the command line
 * @param notes how it was measured, in sentences
 */
record Report(String name, List<String> notes, List<Measure> measures) {
  private static final ObjectMapper JSON = new ObjectMapper();

  Report {
    notes = List.copyOf(notes);
    measures = List.copyOf(measures);
  }

  void print(PrintWriter out) {
    Table table =
        new Table(
            "MEASURE", "UNIT", "N", "MEDIAN", "P95", "PEER", "MEDIAN", "P95", "RATIO", "TARGET");
    for (Measure measure : measures) {
      boolean compared = measure.peer().isPresent();
      table.row(
          measure.what(),
          measure.unit(),
          measure.seine().size(),
          number(Statistics.median(measure.seine())),
          number(Statistics.quantile(measure.seine(), 0.95)),
          measure.peer().orElse(""),
          compared ? number(Statistics.median(measure.peerSamples())) : "",
          compared ? number(Statistics.quantile(measure.peerSamples(), 0.95)) : "",
          compared ? number(measure.ratio().orElseThrow()) : "",
          measure.target() + measure.met().map(met -> met ? ", met" : ", MISSED").orElse(""));
    }
    out.println(name);
    table.print(out);
    notes.forEach(note -> out.println("  " + note));
    out.println();
  }

  ObjectNode json() {
    ObjectNode report = JSON.createObjectNode();
    report.put("name", name);
    ArrayNode texts = report.putArray("notes");
    notes.forEach(texts::add);
    ArrayNode list = report.putArray("measures");
    for (Measure measure : measures) {
      ObjectNode node = list.addObject();
      node.put("what", measure.what());
      node.put("unit", measure.unit());
      samples(node.putObject("seine"), measure.seine());
      measure
          .peer()
          .ifPresent(peer -> {
            samples(node.putObject("peer").put("name", peer), measure.peerSamples());
            node.put("ratio", measure.ratio().orElseThrow());
          });
      measure
          .met()
          .ifPresent(met -> node.putObject("target").put("text", measure.target()).put("met", met));
    }
    return report;
  }

  private static void samples(ObjectNode node, List<Double> samples) {
    node.put("median", Statistics.median(samples));
    node.put("p95", Statistics.quantile(samples, 0.95));
    ArrayNode all = node.putArray("samples");
    samples.forEach(sample -> all.add(sample));
  }

  private static String number(double value) {
    int digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 4;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
