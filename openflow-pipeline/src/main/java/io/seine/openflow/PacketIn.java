package io.seine.openflow;

/**
 * A packet that the switch handed to the controller.
 *
 * @param reason why: 0 no match, 1 an action asked for it, 2 invalid TTL, ... (OpenFlow 1.5,
 *     section 7.4.1)
 * @param table the table of the flow that sent it
 * @param cookie of that flow; all ones when there is none
 * @param metadata what the packet carried at that point: {@code in_port}, registers, {@code ct_*}
 *     and {@code tun_*} fields
 * @param userdata of the {@link Action.Controller} that sent it; empty when there was none
 * @param data the packet from its Ethernet header on; cut off when it is longer than the flow asked
 *     for
 * @param totalLength the length that it had
 * @param continuation for a packet that was paused: what the switch needs to go on with it
 */
public record PacketIn(
    int reason,
    int table,
    long cookie,
    Match metadata,
    Bits userdata,
    Bits data,
    int totalLength,
    Bits continuation) {
  /** The port that it came in by, or {@link Ports#ANY} when it came from a controller. */
  public int inPort() {
    return metadata.get(Field.IN_PORT).map(match -> (int) match.value().toLong()).orElse(Ports.ANY);
  }
}
