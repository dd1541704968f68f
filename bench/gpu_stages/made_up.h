// Images for measuring where real ones are absent: a pattern a class under noise, which a network
// can learn. In the decoded format that every slot maps.
#pragma once

#include <filesystem>

#include "bench/gpu_stages/task.h"
#include "worker/datasets/dataset.h"

namespace firesweep::bench {

// Writes `folder`/NAME.decoded where it is not there already and opens it. Throws
// std::runtime_error where it cannot.
Dataset made_up_dataset(const std::filesystem::path& folder, const DatasetInfo& info);

// CIFAR-100 of --data-dir; made-up images where none was named. In a rehearsal on made-up images
// only as many as are needed.
Dataset images_for(const Task& task, std::int64_t train_count, std::int64_t test_count);

// A folder for `firesweep run --data-dir`: the one named, else one with made-up images in the place
// of CIFAR-100's.
std::filesystem::path folder_of_images(const Task& task);

// "cifar100" or "made up", for the results.
std::string kind_of_images(const Task& task);

}  // namespace firesweep::bench
