package io.seine.cli.bench;

import io.seine.sandbox.node.NodeOvs;
import java.util.LinkedHashMap;
import java.util.Map;

/** What figures depend on besides the program. */
final class Machine {
  private Machine() {}

  static Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put("ovs", NodeOvs.version());
    return facts;
  }
}
