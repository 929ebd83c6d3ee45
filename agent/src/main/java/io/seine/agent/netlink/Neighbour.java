package io.seine.agent.netlink;

import io.seine.openflow.Ip;
import io.seine.openflow.Mac;

/**
 * An entry of the neighbour table.
 *
 * @param permanent whether it never expires and is never asked for
 */
public record Neighbour(int linkIndex, Ip address, Mac mac, boolean permanent) {}
