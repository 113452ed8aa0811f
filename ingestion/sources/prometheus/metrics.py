"""The metrics of DCGM exporters and inference servers: unit, kind, and what is taken of them.

Put here: names and units. Keep out: queries (`endpoints`), reading (`parse_gpus`, `parse_counters`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

BLANKS = frozenset(range(2**63 - 32, 2**63 + 32)) | frozenset(range(2**31 - 32, 2**31))
"""What DCGM says where a GPU has no value: 2^63 - 14 (9223372036854775794) and its neighbours; in 32 bits 2^31 - 16."""
LARGEST_BLANK_START = Decimal(2) ** 47 - 16
"""Floats are blank from 140737488355328 on."""


@dataclass(frozen=True)
class Metric:
    """One metric. `kind` is gauge, counter or label; `taken_as` names what it becomes, None: known, not taken."""

    name: str
    unit: str
    kind: str = "gauge"
    taken_as: str | None = None
    factor: Decimal = Decimal(1)
    """What a value is multiplied by for the unit it is taken in."""


def _dcgm() -> list[Metric]:
    pct, ratio, mib, watts, celsius = "%", "ratio", "MiB", "W", "C"
    hundred = Decimal(100)
    taken = [
        Metric("DCGM_FI_DEV_GPU_UTIL", pct, taken_as="utilization"),
        Metric("DCGM_FI_PROF_GR_ENGINE_ACTIVE", ratio, taken_as="engine", factor=hundred),
        Metric("DCGM_FI_DEV_FB_USED", mib, taken_as="memory_used_mib"),
        Metric("DCGM_FI_DEV_FB_FREE", mib, taken_as="memory_free_mib"),
        Metric("DCGM_FI_DEV_FB_RESERVED", mib, taken_as="memory_reserved_mib"),
        Metric("DCGM_FI_DEV_POWER_USAGE", watts, taken_as="power_watts"),
        Metric("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "mJ", "counter", "energy_joules", Decimal("0.001")),
        Metric("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", ratio, taken_as="tensor_active_pct", factor=hundred),
        Metric("DCGM_FI_PROF_DRAM_ACTIVE", ratio, taken_as="memory_active_pct", factor=hundred),
        Metric("DCGM_FI_PROF_SM_ACTIVE", ratio, taken_as="sm_active_pct", factor=hundred),
        # Exporters of version 1 have other names, and percent where the ratio is now.
        Metric("dcgm_gpu_utilization", pct, taken_as="utilization"),
        Metric("dcgm_fi_prof_gr_engine_active", pct, taken_as="engine"),
        Metric("dcgm_fb_used", mib, taken_as="memory_used_mib"),
        Metric("dcgm_fb_free", mib, taken_as="memory_free_mib"),
        Metric("dcgm_power_usage", watts, taken_as="power_watts"),
        Metric("dcgm_total_energy_consumption", "mJ", "counter", "energy_joules", Decimal("0.001")),
    ]
    known = {
        "MHz": "DCGM_FI_DEV_SM_CLOCK DCGM_FI_DEV_MEM_CLOCK dcgm_sm_clock dcgm_memory_clock",
        celsius: "DCGM_FI_DEV_MEMORY_TEMP DCGM_FI_DEV_GPU_TEMP dcgm_memory_temp dcgm_gpu_temp",
        pct: "DCGM_FI_DEV_MEM_COPY_UTIL DCGM_FI_DEV_ENC_UTIL DCGM_FI_DEV_DEC_UTIL dcgm_mem_copy_utilization "
        "dcgm_enc_utilization dcgm_dec_utilization dcgm_fi_prof_sm_active dcgm_fi_prof_sm_occupancy "
        "dcgm_fi_prof_pipe_tensor_active dcgm_fi_prof_dram_active",
        ratio: "DCGM_FI_PROF_SM_OCCUPANCY DCGM_FI_PROF_PIPE_FP64_ACTIVE DCGM_FI_PROF_PIPE_FP32_ACTIVE "
        "DCGM_FI_PROF_PIPE_FP16_ACTIVE",
        "code": "DCGM_FI_DEV_XID_ERRORS dcgm_xid_errors DCGM_FI_DEV_VGPU_LICENSE_STATUS DCGM_FI_DEV_ROW_REMAP_FAILURE",
        "bytes/s": "DCGM_FI_PROF_PCIE_TX_BYTES DCGM_FI_PROF_PCIE_RX_BYTES",
    }
    counted = {
        "bytes": "dcgm_fi_prof_pcie_tx_bytes dcgm_fi_prof_pcie_rx_bytes DCGM_FI_DEV_NVLINK_BANDWIDTH_L0",
        "count": "DCGM_FI_DEV_PCIE_REPLAY_COUNTER dcgm_pcie_replay_counter DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL "
        "dcgm_nvlink_bandwidth_total DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS "
        "DCGM_EXP_CLOCK_EVENTS_COUNT DCGM_EXP_XID_ERRORS_COUNT DCGM_EXP_GPU_HEALTH_STATUS DCGM_EXP_P2P_STATUS "
        "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL DCGM_FI_DEV_ECC_DBE_VOL_TOTAL DCGM_FI_DEV_ECC_SBE_AGG_TOTAL "
        "DCGM_FI_DEV_ECC_DBE_AGG_TOTAL DCGM_FI_DEV_RETIRED_SBE DCGM_FI_DEV_RETIRED_DBE DCGM_FI_DEV_RETIRED_PENDING "
        "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL "
        "DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL "
        "dcgm_ecc_sbe_volatile_total dcgm_ecc_dbe_volatile_total dcgm_ecc_sbe_aggregate_total "
        "dcgm_ecc_dbe_aggregate_total dcgm_retired_pages_sbe dcgm_retired_pages_dbe dcgm_retired_pages_pending "
        "dcgm_nvlink_flit_crc_error_count_total dcgm_nvlink_data_crc_error_count_total "
        "dcgm_nvlink_replay_error_count_total dcgm_nvlink_recovery_error_count_total",
        "ns": "DCGM_FI_DEV_POWER_VIOLATION DCGM_FI_DEV_THERMAL_VIOLATION DCGM_FI_DEV_SYNC_BOOST_VIOLATION "
        "DCGM_FI_DEV_BOARD_LIMIT_VIOLATION DCGM_FI_DEV_LOW_UTIL_VIOLATION DCGM_FI_DEV_RELIABILITY_VIOLATION "
        "dcgm_power_violation dcgm_thermal_violation dcgm_sync_boost_violation dcgm_board_limit_violation "
        "dcgm_low_util_violation dcgm_reliability_violation",
    }
    labels = (
        "DCGM_FI_DRIVER_VERSION DCGM_FI_NVML_VERSION DCGM_FI_DEV_BRAND DCGM_FI_DEV_SERIAL DCGM_FI_DEV_OEM_INFOROM_VER "
        "DCGM_FI_DEV_ECC_INFOROM_VER DCGM_FI_DEV_POWER_INFOROM_VER DCGM_FI_DEV_INFOROM_IMAGE_VER "
        "DCGM_FI_DEV_VBIOS_VERSION"
    )
    return [
        *taken,
        *(Metric(name, unit) for unit, names in known.items() for name in names.split()),
        *(Metric(name, unit, "counter") for unit, names in counted.items() for name in names.split()),
        *(Metric(name, "text", "label") for name in labels.split()),
    ]


@dataclass(frozen=True)
class ServingMetric:
    """A counter of an inference server."""

    name: str
    engine: str
    taken_as: str


SERVING = tuple(
    ServingMetric(name, engine, taken_as)
    for engine, names in {
        "vllm": {
            "vllm:prompt_tokens_total": "prompt_tokens",
            "vllm:generation_tokens_total": "generation_tokens",
            "vllm:request_success_total": "requests",
            "vllm:prefix_cache_hits_total": "cached_prompt_tokens",
            "vllm:gpu_prefix_cache_hits_total": "cached_prompt_tokens",
            "vllm:request_prefill_time_seconds_sum": "prefill_seconds",
            "vllm:request_decode_time_seconds_sum": "decode_seconds",
        },
        "sglang": {
            "sglang:prompt_tokens_total": "prompt_tokens",
            "sglang:generation_tokens_total": "generation_tokens",
            "sglang:num_requests_total": "requests",
            "sglang:cached_tokens_total": "cached_prompt_tokens",
        },
        "tgi": {
            "tgi_request_input_length_sum": "prompt_tokens",
            "tgi_request_generated_tokens_sum": "generation_tokens",
            "tgi_request_success": "requests",
        },
    }.items()
    for name, taken_as in names.items()
)
METRICS = {each.name: each for each in _dcgm()}
SERVING_BY_NAME = {each.name: each for each in SERVING}


def is_blank(value: Decimal) -> bool:
    """Whether a value is one of those that mean "not supported"."""
    return value >= LARGEST_BLANK_START or (value == value.to_integral_value() and int(value) in BLANKS)


def taken(*names: str) -> tuple[Metric, ...]:
    """Metrics that are taken as one of these."""
    return tuple(each for each in METRICS.values() if each.taken_as in names)
