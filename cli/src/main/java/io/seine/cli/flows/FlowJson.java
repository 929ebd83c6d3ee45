package io.seine.cli.flows;

import io.seine.openflow.OvsText;
import io.seine.pipeline.Owner;
import io.seine.pipeline.explain.ExplainedFlow;
import io.seine.pipeline.explain.ExplainedGroup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Flows as objects for programs: the names of the fields are kept from version to version. */
final class FlowJson {
  private FlowJson() {}

  /** One flow; {@code group} is there only when it picks from one. */
  static Map<String, Object> of(String node, ExplainedFlow flow) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("node", node);
    object.put("table", flow.tableNumber());
    object.put("tableName", flow.table());
    object.put("priority", flow.priority());
    object.put("owner", flow.ownerText());
    object.put("intention", flow.intention());
    object.put("match", flow.match());
    object.put("actions", flow.actions());
    object.put("concerns", flow.mentions().stream().sorted().map(Owner::toString).toList());
    flow.group().ifPresent(group -> object.put("group", group(group)));
    object.put("packets", flow.packets());
    object.put("bytes", flow.bytes());
    object.put("ageSeconds", flow.age().toMillis() / 1000.0);
    object.put("cookie", "0x%016x".formatted(flow.raw().cookie()));
    object.put("raw", OvsText.of(flow.raw().flow()));
    return object;
  }

  private static Map<String, Object> group(ExplainedGroup group) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("id", Integer.toUnsignedLong(group.raw().id()));
    object.put("endpoints", group.endpoints().stream().map(FlowJson::endpoint).toList());
    object.put("raw", OvsText.of(group.raw()));
    return object;
  }

  private static Map<String, Object> endpoint(ExplainedGroup.Endpoint endpoint) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("bucket", Integer.toUnsignedLong(endpoint.id()));
    object.put("weight", endpoint.weight());
    object.put("share", endpoint.share());
    object.put("target", endpoint.target());
    object.put("owner", endpoint.owner().map(Owner::toString).orElse(""));
    return object;
  }

  /** For what prints nothing but JSON. */
  static List<Map<String, Object>> of(String node, List<ExplainedFlow> flows) {
    return flows.stream().map(flow -> of(node, flow)).toList();
  }
}
