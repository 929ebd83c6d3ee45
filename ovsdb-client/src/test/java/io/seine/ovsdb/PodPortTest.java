package io.seine.ovsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lease in a port row's external_ids. */
class PodPortTest {
  private static final PodPort PORT = OvsFixture.pod(7);
  private static final List<InetAddress> ADDRESSES =
      List.of(InetAddress.ofLiteral("10.42.0.7"), InetAddress.ofLiteral("fd00:10:42::7"));

  @Test
  void itIsReadBackFromTheRow() {
    assertThat(PodPort.read(row(PORT.name(), PORT.externalIds()))).contains(PORT);
    assertThat(PORT.externalIds().keySet()).allMatch(key -> key.startsWith("seine-"));
  }

  @Test
  void bothAddressesOfADualStackPodAreReadBackInTheirOrder() {
    for (List<InetAddress> addresses : List.of(ADDRESSES, ADDRESSES.reversed())) {
      PodPort port = with(addresses);

      assertThat(PodPort.read(row(port.name(), port.externalIds()))).contains(port);
      assertThat(port.address()).isEqualTo(addresses.getFirst());
    }
    assertThat(PORT.externalIds()).doesNotContainKey("seine-address-2");
    assertThatThrownBy(() -> with(List.of())).hasMessageContaining("one or two addresses");
  }

  private static PodPort with(List<InetAddress> addresses) {
    return new PodPort(
        PORT.name(), "c", "eth0", "ns", "p", "", PORT.mac(), addresses, "", "seine", 1450);
  }

  @Test
  void keysOfOthersDoNotDisturbIt() {
    Map<String, String> ids = new HashMap<>(PORT.externalIds());
    ids.put("theirs", "1");
    assertThat(PodPort.read(row(PORT.name(), ids))).contains(PORT);
  }

  @Test
  void otherPortsAreNoPods() {
    PortRow tunnel = row("tun0", Map.of());
    assertThat(PodPort.isPodPort(tunnel)).isFalse();
    assertThat(PodPort.read(tunnel)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "seine-address,''",
    "seine-address,host.example",
    "seine-address-2,''",
    "seine-mac,0A:58:0a:2a:00:07",
    "seine-ifname,''"
  })
  void aDamagedRowIsNotRead(String key, String value) {
    Map<String, String> ids = new HashMap<>(PORT.externalIds());
    ids.put(key, value);
    assertThat(PodPort.read(row(PORT.name(), ids))).isEmpty();
    assertThat(PodPort.isPodPort(row(PORT.name(), ids))).isTrue();
  }

  @Test
  void aNameMustFitALinuxInterface() {
    assertThatThrownBy(() ->
            new PodPort(
                "sixteen-letters-",
                "c",
                "eth0",
                "ns",
                "p",
                "",
                PORT.mac(),
                InetAddress.ofLiteral("10.0.0.1"),
                ""))
        .hasMessageContaining("sixteen-letters-")
        .hasMessageContaining("1 to 15");
  }

  private static PortRow row(String name, Map<String, String> externalIds) {
    return new PortRow(UUID.randomUUID(), name, Set.of(), externalIds);
  }
}
