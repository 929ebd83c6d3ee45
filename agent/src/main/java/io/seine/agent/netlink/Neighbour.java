package io.seine.agent.netlink;

import io.seine.openflow.Ipv4;
import io.seine.openflow.Mac;

/**
 * An entry of the neighbour table.
 *
 * @param permanent whether it never expires and is never asked for
 */
public record Neighbour(int linkIndex, Ipv4 address, Mac mac, boolean permanent) {}
