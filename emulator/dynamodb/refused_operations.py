"""The operations that are refused by name.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
"""

from emulator.errors import ServiceError

# What AWS has and neither moto nor we do without lying.
REFUSED_OPERATIONS = (
    *("CreateBackup", "DeleteBackup", "DescribeBackup", "ListBackups"),
    *("RestoreTableFromBackup", "RestoreTableToPointInTime"),
    *("ImportTable", "DescribeImport", "ListImports"),
    *("ExportTableToPointInTime", "DescribeExport", "ListExports"),
    *("CreateGlobalTable", "DescribeGlobalTable", "ListGlobalTables", "UpdateGlobalTable"),
    *("DescribeGlobalTableSettings", "UpdateGlobalTableSettings"),
    *("DescribeContributorInsights", "ListContributorInsights", "UpdateContributorInsights"),
    *("DescribeKinesisStreamingDestination", "EnableKinesisStreamingDestination"),
    *("DisableKinesisStreamingDestination", "UpdateKinesisStreamingDestination"),
    *("StartBulkPutItems", "CancelBulkOperation", "DescribeBulkOperation", "ListBulkOperations"),
    "SearchVectors",
    *("DescribeTableReplicaAutoScaling", "UpdateTableReplicaAutoScaling"),
)


def unknown_operation(operation: str) -> ServiceError:
    """Refuse an operation, by its name if AWS has it."""
    if operation in REFUSED_OPERATIONS:
        return ServiceError(
            "UnknownOperationException", f"The emulator does not emulate {operation} of DynamoDB"
        )
    return ServiceError("UnknownOperationException", "")
