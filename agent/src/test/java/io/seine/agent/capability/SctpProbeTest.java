package io.seine.agent.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** What counts as a translated packet. */
class SctpProbeTest {
  private final ByteBuffer packet = ByteBuffer.wrap(SctpProbe.init(40_000));

  private boolean isTranslated() {
    return SctpProbe.isTranslated(packet.array());
  }

  private void sum() {
    packet.putInt(42, 0);
    CRC32C crc = new CRC32C();
    crc.update(packet.array(), 34, 32);
    packet.order(ByteOrder.LITTLE_ENDIAN).putInt(42, (int) crc.getValue());
    packet.order(ByteOrder.BIG_ENDIAN);
  }

  @Test
  void thePacketIsWholeAndItsChecksumFits() {
    assertThat(packet.array()).hasSize(66);
    int before = packet.getInt(42);
    sum();
    assertThat(packet.getInt(42)).isEqualTo(before);
  }

  @Test
  void addressAndPortMustBothBeTheEndpoints() {
    assertThat(isTranslated()).isFalse();
    packet.putInt(30, SctpProbe.ENDPOINT.bits());
    assertThat(isTranslated()).isFalse();
    packet.putShort(36, (short) SctpProbe.ENDPOINT_PORT);
    sum();
    assertThat(isTranslated()).isTrue();
    packet.putInt(30, 0);
    assertThat(isTranslated()).isFalse();
  }

  @Test
  void aPortThatChangedWithoutTheChecksumIsOfNoUse() {
    packet.putInt(30, SctpProbe.ENDPOINT.bits());
    packet.putShort(36, (short) SctpProbe.ENDPOINT_PORT);
    assertThat(isTranslated()).isFalse();
  }

  @Test
  void whatIsTooShortIsNoAnswer() {
    assertThat(SctpProbe.isTranslated(new byte[40])).isFalse();
  }
}
