package io.seine.openflow;

/**
 * A port of a switch.
 *
 * @param number its OpenFlow number, or {@link Ports#LOCAL}
 * @param mac 6 bytes
 * @param up whether its link is up and it is not configured down
 */
public record PortDescription(int number, String name, Bits mac, boolean up) {}
