// Internal to the room. The four kinds of frame, as generated messages.
#pragma once

#include "shared/wire/common_pb.h"
#include "shared/wire/messages.h"

namespace firesweep {

void write(const WorkerFrame& frame, pb::WorkerFrame& out);
void read(const pb::WorkerFrame& in, WorkerFrame& frame, Checker& check);

void write(const CoordinatorFrame& frame, pb::CoordinatorFrame& out);
void read(const pb::CoordinatorFrame& in, CoordinatorFrame& frame, Checker& check);

void write(const ClientRequest& request, pb::ClientRequest& out);
void read(const pb::ClientRequest& in, ClientRequest& request, Checker& check);

void write(const ClientReply& reply, pb::ClientReply& out);
void read(const pb::ClientReply& in, ClientReply& reply, Checker& check);

}  // namespace firesweep
