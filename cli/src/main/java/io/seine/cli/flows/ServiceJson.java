package io.seine.cli.flows;

import io.seine.cli.flows.ServiceView.Backend;
import io.seine.cli.flows.ServiceView.Entrance;
import io.seine.cli.flows.ServiceView.Pool;
import io.seine.cli.flows.ServiceView.Port;
import io.seine.cli.flows.ServiceView.Remembered;
import io.seine.cli.flows.ServiceView.Share;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Endpoint;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A service for programs: the names of the fields are kept from version to version. */
final class ServiceJson {
  private ServiceJson() {}

  /** One service on one node. */
  static Map<String, Object> of(ServiceView view) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("node", view.node());
    object.put("service", view.service().toString());
    view.notServed().ifPresent(why -> object.put("notServed", why));
    if (view.healthCheckPort() > 0) {
      object.put("healthCheckNodePort", view.healthCheckPort());
    }
    object.put("ports", view.ports().stream().map(ServiceJson::port).toList());
    object.put(
        "refused",
        view.problems().stream()
            .map(problem -> Map.of("reason", problem.reason(), "message", problem.message()))
            .toList());
    return object;
  }

  private static Map<String, Object> port(Port port) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", port.name());
    object.put("protocol", port.protocol().name());
    object.put("port", port.port());
    port.affinitySeconds().ifPresent(seconds -> object.put("affinitySeconds", seconds));
    object.put("reachedAt", port.entrances().stream().map(ServiceJson::entrance).toList());
    object.put("groups", port.pools().stream().map(ServiceJson::pool).toList());
    object.put("endpoints", port.backends().stream().map(ServiceJson::backend).toList());
    object.put("clients", port.remembered().stream().map(ServiceJson::remembered).toList());
    return object;
  }

  private static Map<String, Object> entrance(Entrance entrance) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("kind", word(entrance.kind()));
    object.put("addresses", entrance.addresses().stream().map(Object::toString).toList());
    object.put("port", entrance.port());
    entrance.standIn().ifPresent(standIn -> object.put("standIn", standIn.toString()));
    object.put("from", word(entrance.from()));
    object.put("treatment", word(entrance.treatment()));
    object.put("sources", entrance.sources().stream().map(Object::toString).toList());
    object.put("packets", entrance.packets());
    object.put("othersDropped", entrance.othersDropped());
    object.put("missingFlows", entrance.missing());
    return object;
  }

  private static Map<String, Object> pool(Pool pool) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("id", Integer.toUnsignedLong(pool.group()));
    object.put("localOnly", pool.local());
    object.put("selection", pool.method().orElse(""));
    object.put("inSwitch", pool.method().isPresent());
    return object;
  }

  private static Map<String, Object> backend(Backend backend) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("endpoint", backend.endpoint().toString());
    object.put("owner", backend.owner().map(Owner::toString).orElse(""));
    object.put("node", backend.node());
    object.put("here", backend.here());
    object.put("state", word(backend.state()));
    backend.share().ifPresent(share -> object.put("any", share(share)));
    backend.localShare().ifPresent(share -> object.put("local", share(share)));
    object.put("unused", backend.unused());
    return object;
  }

  private static Map<String, Object> share(Share share) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("share", share.part());
    object.put("hits", share.hits());
    return object;
  }

  private static Map<String, Object> remembered(Remembered client) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("client", client.client().toString());
    object.put("endpoint", client.endpoint().map(Endpoint::toString).orElse(""));
    object.put("idleSeconds", client.idle().toSeconds());
    object.put("leftSeconds", client.left().toSeconds());
    return object;
  }

  /** {@code CLUSTER_IP} as {@code cluster-ip}. */
  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
