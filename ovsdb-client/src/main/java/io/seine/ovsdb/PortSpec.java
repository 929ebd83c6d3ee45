package io.seine.ovsdb;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a port of the agent's own, with one interface of the same name, shall be.
 *
 * @param type of the interface: "internal", "geneve", "vxlan"
 * @param options of the interface, all of them
 * @param ofport the OpenFlow port it shall have
 * @param mac for an internal port, lower-case with colons
 * @param mtu bytes
 */
public record PortSpec(
    String name,
    String type,
    Map<String, String> options,
    int ofport,
    Optional<String> mac,
    OptionalInt mtu) {

  public PortSpec {
    options = Map.copyOf(options);
  }

  /**
   * The one tunnel port; every packet's flow says where it goes and, by the key, what it carries.
   */
  public static PortSpec tunnel(
      String name, String type, int ofport, Map<String, String> moreOptions) {
    Map<String, String> options = new HashMap<>(moreOptions);
    options.put("remote_ip", "flow");
    options.put("key", "flow");
    return new PortSpec(name, type, options, ofport, Optional.empty(), OptionalInt.empty());
  }

  /** A port whose other side is an interface of the host. */
  public static PortSpec internal(String name, int ofport, String mac, int mtu) {
    return new PortSpec(name, "internal", Map.of(), ofport, Optional.of(mac), OptionalInt.of(mtu));
  }
}
